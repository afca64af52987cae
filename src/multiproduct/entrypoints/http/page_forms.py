"""Forms on the service's own pages: every input has a label, and says in words what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `hint` says beforehand what is wanted, `wrong` afterwards what was not right; `complete` is
    the token of HTML's `autocomplete` attribute."""

    name: str
    label: str
    kind: str
    complete: str
    value: str = ""
    hint: str = ""
    wrong: Sequence[str] = ()

    def html(self) -> str:
        """Label, input, hint and what is wrong, told to screen readers as belonging together."""
        notes = [f'<p class="hint" id="{self.name}-hint">{escape(self.hint)}</p>'] if self.hint else []
        described = [f"{self.name}-hint"] if self.hint else []
        for number, sentence in enumerate(self.wrong, start=1):
            notes.append(f'<p class="wrong" id="{self.name}-wrong-{number}">{escape(sentence)}</p>')
            described.append(f"{self.name}-wrong-{number}")
        attributes = {
            "id": self.name,
            "name": self.name,
            "type": self.kind,
            "autocomplete": self.complete,
            "value": self.value,
            "aria-describedby": " ".join(described),
        }
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
        state = ' aria-invalid="true" autofocus' if self.wrong else ""
        return (
            f'<label for="{self.name}">{escape(self.label)}</label>'
            f'<input{written}{state} dir="auto" autocapitalize="none" spellcheck="false" required>'
            + "".join(notes)
        )


def form(*, fields: Sequence[Field], button: str, wrong: Sequence[str] = ()) -> str:
    """The form. Without an action it is posted to the address that shows it, wherever the service is
    mounted. `wrong` is what is not about one field."""
    told = "".join(f'<p class="wrong" role="alert">{escape(sentence)}</p>' for sentence in wrong)
    inputs = "".join(field.html() for field in fields)
    return f'<form method="post">{told}{inputs}<button>{escape(button)}</button></form>'


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def link(address: str, text: str) -> str:
    """A link in a paragraph of its own."""
    return f'<p><a href="{escape(address)}">{escape(text)}</a></p>'


def button_link(address: str, text: str) -> str:
    """A link that stands out as the next thing to do."""
    return f'<p><a class="button" href="{escape(address)}">{escape(text)}</a></p>'
