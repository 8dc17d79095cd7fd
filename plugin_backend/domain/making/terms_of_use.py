"""What may be done with what a provider makes: its own terms, as they were read on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class CommercialUse(StrEnum):
    """Whether a result may be sold or published."""

    YES = "yes"
    BY_CONTRACT = "by-contract"
    """It depends on the plan or the contract of the account that is used."""
    UNKNOWN = "unknown"
    """Nothing was found that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOfUse:
    """One provider's; `as_of` is when they were read, `url` where."""

    commercial_use: CommercialUse
    text: str
    as_of: str
    url: str | None = None

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Self:
        """Read a TOML table."""
        return cls(**{**table, "commercial_use": CommercialUse(table["commercial_use"])})

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "commercial_use": self.commercial_use.value,
            "text": self.text,
            "as_of": self.as_of,
            "url": self.url,
        }
