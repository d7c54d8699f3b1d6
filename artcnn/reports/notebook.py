"""How a finding shows itself in a notebook: its sheet, and the table of its numbers."""

import base64
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from artcnn.notebook import card, folded, paragraph, table

if TYPE_CHECKING:
    from artcnn.reports.results import Finding

_ROWS = 200  # of a table, at most
_WHITE = "max-width:100%;height:auto;background:#fff"


def finding_html(finding: "Finding") -> str:
    """Return the sheet of a finding with its rows folded below; of one that is a table alone, the table."""
    rows = [list(row.values()) for row in finding.rows[:_ROWS]]
    numbers = table(rows, list(finding.rows[0])) if rows else ""
    if len(finding.rows) > _ROWS:
        numbers += paragraph(f"and {len(finding.rows) - _ROWS:,} rows more")
    if finding.pictures is None:
        return card(str(finding.title), numbers)
    sheet = BytesIO()
    finding.to_pil().save(sheet, "PNG")
    data = base64.b64encode(sheet.getvalue()).decode()
    # The sheet has title and note inside.
    picture = f'<img src="data:image/png;base64,{data}" alt="{escape(str(finding.title))}" style="{_WHITE}">'
    return f"<div>{picture}{folded(f'{len(finding.rows):,} rows', numbers) if numbers else ''}</div>"
