/** The shapes that the panel's files share; read by the type checker only, shipped to nobody. */

declare namespace PB {
  /** Why a host did not do what was asked: `code` decides the sentence and the next step. */
  type HostErrorCode =
    | "unsupported" // this host cannot
    | "no-project"
    | "no-sequence"
    | "cancelled" // the editor closed a picker
    | "denied" // a permission is missing
    | "disk" // could not write
    | "network" // could not download
    | "checksum" // what was written is not what was promised
    | "not-verified" // done, perhaps: reading back did not show it; never tried again by itself
    | "failed";

  interface Sequence {
    id: string;
    name: string;
    /** "24", "24000/1001" */
    frame_rate: string;
    drop_frame: boolean;
    width: number;
    height: number;
    /** As the API spells it, or null where the host does not say. */
    colour_space: string | null;
    /** "01:00:10:00", drop-frame with a semicolon */
    playhead_timecode: string;
    /** Frames from the start of the sequence */
    playhead_frame: number;
    in_frame: number | null;
    out_frame: number | null;
  }

  interface Context {
    project: { id: string; name: string } | null;
    sequence: Sequence | null;
  }

  interface HostInfo {
    /** As the API's `deliver_to.host`: premiere-pro, after-effects, photoshop, resolve, download */
    host: string;
    label: string;
    version: string;
    adapter: "uxp-premiere" | "uxp-photoshop" | "cep-premiere" | "cep-after-effects" | "resolve" | "browser";
  }

  interface Capabilities {
    /** A project and a sequence can be read. */
    context: boolean;
    /** The frame at the playhead can be exported. */
    frame: boolean;
    /** Files can be saved to a folder the editor chose once. */
    save: boolean;
    /** Media can be brought into the project. */
    import: boolean;
    /** Ways to place: "insert", "overwrite", "bin", "layer"; empty where nothing can be placed. */
    place: ReadonlyArray<PlaceMode>;
    /** Several clips can be placed at once, one after another. */
    cut: boolean;
    /** A placed draft's media can be exchanged for its master's in place. */
    swap: boolean;
    /** The host's own undo takes a placement back in one step. */
    undo: boolean;
    /** Files can be dragged out of the panel. */
    drag: boolean;
    /** Answers can be read as they stream. */
    stream: boolean;
    /** Markers can be set on the sequence. */
    markers: boolean;
    /** Video plays in the panel. */
    video: boolean;
  }

  type PlaceMode = "insert" | "overwrite" | "bin" | "layer";

  interface Picture {
    bytes: ArrayBuffer;
    media_type: string;
    filename: string;
    /** Where the playhead stood, null where unknown. */
    timecode: string | null;
  }

  /** A file of a delivery as the API answers it. */
  interface DeliveryFile {
    role: string;
    name: string;
    media_type: string;
    bytes: number;
    sha256: string;
    url: string | null;
    expires_at: string | null;
    sequence: null | { pattern: string; first: number; last: number; count: number; frames_url: string };
  }

  interface SaveRequest {
    /** Sub-folder of the chosen folder, "" for itself; slashes part levels. */
    folder: string;
    name: string;
    url: string;
    bytes: number;
    sha256: string;
  }

  interface ImportRequest {
    /** Absolute paths as `save` gave them; of an image sequence every frame, first one first. */
    paths: ReadonlyArray<string>;
    is_sequence: boolean;
    frame_rate: string;
    frame_count: number;
    /** "plugin-backend/SH010": made where it is missing */
    bin: string;
    clip_name: string;
    comment: string;
  }

  /** What an adapter made: only the adapter reads `ref`; it survives JSON. */
  interface Item {
    ref: string;
    path: string;
  }

  interface ClipToPlace {
    item: Item;
    /** The first frame of its media that is cut in: before it, and as many after the last, are handles. */
    from_frame: number;
    frame_count: number;
    has_audio: boolean;
  }

  interface PlaceRequest {
    /** One, or those of a cut in order: they lie one after another without gaps. All are placed, or none is said to be. */
    clips: ReadonlyArray<ClipToPlace>;
    mode: PlaceMode;
    /** The sequence that the panel showed when the editor pressed the button: another one open now is refused. */
    sequence_id: string;
    /** Where, as frames from the sequence's start; null: at the playhead of now. */
    at_frame: number | null;
    frame_rate: string;
  }

  interface Placed {
    sequence_id: string;
    /** Where the first begins. */
    at_frame: number;
    track: string;
    /** Read back from the host and found as asked. */
    verified: true;
  }

  interface SwapRequest {
    /** Path of the draft's media as saved earlier, and of the master's that takes its place. */
    from_path: string;
    to_path: string;
    clip_name: string;
  }

  interface Marker {
    frame: number;
    name: string;
    comment: string;
  }

  type Progress = (done_bytes: number, all_bytes: number) => void;

  /** One contract for every host. Everything answers with a promise; a refusal is a `PB.HostError`. */
  interface Adapter {
    info(): Promise<HostInfo>;
    capabilities(): Promise<Capabilities>;
    context(): Promise<Context>;
    /** Only where no host tells of a sequence: what the editor typed, null for none. */
    setManualSequence?(sequence: Sequence | null): Promise<void>;
    /** Calls back when the open project or sequence may have changed; answers with a stop. */
    onContext(changed: () => void): () => void;
    frame(): Promise<Picture>;
    /** A file from disk as bytes; `accept` are media types, "image/*" allowed. */
    pickFile(accept: ReadonlyArray<string>): Promise<Picture>;
    /** The folder media goes to: chosen once and remembered; `again` asks anew. */
    folder(again: boolean): Promise<{ path: string; label: string }>;
    save(file: SaveRequest, progress: Progress, signal: AbortSignal): Promise<{ path: string }>;
    import(request: ImportRequest): Promise<Item>;
    place(request: PlaceRequest): Promise<Placed>;
    swap(request: SwapRequest): Promise<{ count: number; verified: true }>;
    addMarkers(sequence_id: string, markers: ReadonlyArray<Marker>): Promise<{ count: number }>;
    undo(): Promise<void>;
    openExternal(url: string): Promise<void>;
    secret: {
      get(name: string): Promise<string | null>;
      set(name: string, value: string): Promise<void>;
      remove(name: string): Promise<void>;
    };
    theme(): "light" | "dark";
    onTheme(changed: () => void): void;
    /** Makes an element draggable to the host or the desktop; does nothing where `drag` is false. */
    draggable(element: HTMLElement, file: { name: string; url: string; media_type: string }): void;
  }

  /** A host's files; folders are names below the one the editor chose. */
  interface Disk {
    /** Bytes, or null where there is no such file. */
    size(folder: string[], name: string): Promise<number | null>;
    read(folder: string[], name: string): Promise<ArrayBuffer>;
    /** Makes an empty file, and its folders. */
    create(folder: string[], name: string): Promise<void>;
    append(folder: string[], name: string, bytes: ArrayBuffer): Promise<void>;
    rename(folder: string[], from: string, to: string): Promise<void>;
    remove(folder: string[], name: string): Promise<void>;
    path(folder: string[], name: string): string;
  }

  /** An adapter's file registers one of these in `PB.hosts`; `PB.detect()` makes the first that recognises where it runs. */
  interface HostFactory {
    name: HostInfo["adapter"];
    recognises(): boolean;
    create(): Adapter;
  }
}
