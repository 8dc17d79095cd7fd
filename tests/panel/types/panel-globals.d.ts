/** What the panel's scripts find on `window`, for the type checker. */

interface Sha256 {
  (buffer: ArrayBuffer): Promise<string>;
  start(): { update(bytes: Uint8Array): void; hex(): string };
  ofText(text: string): string;
}

interface PanelNamespace {
  HostError: { new (code: PB.HostErrorCode, message?: string): Error & { code: PB.HostErrorCode } };
  hosts: PB.HostFactory[];
  detect(): PB.Adapter;
  load(name: "premierepro"): Premiere | null;
  load(name: "uxp"): Uxp | null;
  load(name: "photoshop"): typeof import("photoshop") | null;
  load(name: string): any;
  observe(read: () => Promise<unknown>, changed: () => void): () => void;
  wait(milliseconds: number): Promise<void>;
  until<T>(look: () => Promise<T | null>, milliseconds: number): Promise<T | null>;
  utf8: { encode(text: string): Uint8Array<ArrayBuffer>; decode(bytes: Uint8Array): string };
  sha256: Sha256;
  saving: {
    save(disk: PB.Disk, file: PB.SaveRequest, progress: PB.Progress, signal: AbortSignal): Promise<{ path: string }>;
    fetchAll(
      file: { url: string; bytes: number; sha256: string },
      keep: (bytes: ArrayBuffer) => Promise<void>,
      progress: PB.Progress,
      signal: AbortSignal,
    ): Promise<string>;
    safeName(name: string): string;
  };
  timing: {
    oneAfterAnother(
      request: PB.PlaceRequest,
      sequence: { name: string; frame_rate: string },
      at_frame: number,
    ): Array<PB.ClipToPlace & { at_frame: number }>;
    fromNumber(value: number): string;
    toNumber(rate: string): number;
    fromTicksPerFrame(ticks: string): string;
    ticksPerFrame(rate: string): string;
    frameAt(ticks: string, ticksPerFrame: string): number;
    ticksAt(frame: number, ticksPerFrame: string): string;
    timecode(frame: number, rate: string, drops: boolean): string;
    frameOf(text: string, rate: string): number;
  };
  uxp: { make(): any; mediaType(name: string): string; suffixes(accept: ReadonlyArray<string>): string[] };
  cep: { literal(value: unknown): string };
  nodeDisk(load: (name: string) => any, root: () => string): PB.Disk;
  dragOut(element: HTMLElement, file: { name: string; url: string; media_type: string }): void;
  premiereProject(ppro: Premiere): {
    opened(): Promise<PremiereProject>;
    current(
      wanted: string | null,
    ): Promise<{ project: PremiereProject; sequence: PremiereSequence; per: string }>;
    transact(project: PremiereProject, name: string, actions: () => PremiereAction[]): void;
    verified<T>(act: () => Promise<unknown> | void, find: () => Promise<T | null>): Promise<T>;
    bring(request: PB.ImportRequest): Promise<PB.Item>;
    itemOf(project: PremiereProject, item: PB.Item): Promise<PremiereItem>;
    swap(request: PB.SwapRequest): Promise<{ count: number; verified: true }>;
  };
  premiereTimeline(
    ppro: Premiere,
    project: ReturnType<PanelNamespace["premiereProject"]>,
  ): Pick<PB.Adapter, "place" | "addMarkers" | "undo">;
}

type Premiere = import("@adobe/premierepro").premierepro;
type PremiereProject = import("@adobe/premierepro").Project;
type PremiereSequence = import("@adobe/premierepro").Sequence;
type PremiereItem = import("@adobe/premierepro").ProjectItem;
type PremiereFolder = import("@adobe/premierepro").FolderItem;
type PremiereAction = import("@adobe/premierepro").Action;
type PremiereTrackItem =
  | import("@adobe/premierepro").VideoClipTrackItem
  | import("@adobe/premierepro").AudioClipTrackItem;
type Uxp = typeof import("uxp") & {
  storage: { localFileSystem: UxpFiles };
};

/** What the published types of UXP leave out, as its reference documents it. */
interface UxpFiles {
  createPersistentToken(entry: unknown): Promise<string>;
  getEntryForPersistentToken(token: string): Promise<unknown>;
  createSessionToken(entry: unknown): string;
}

interface UxpTheme {
  getCurrent(): string;
  onUpdated: { addListener(changed: (theme: string) => void): void };
}

interface Document {
  theme?: UxpTheme;
}

interface CepBridge {
  evalScript(script: string, answered: (answer: string) => void): void;
  getHostEnvironment(): string;
  addEventListener(type: string, heard: () => void): void;
}

interface Window {
  PB: PanelNamespace;
  __adobe_cep__: CepBridge;
  cep: any;
  cep_node?: { require?: (name: string) => any };
  resolveBridge: { call(name: string, request: unknown): Promise<any> };
}

declare const require: ((name: string) => any) | undefined;
