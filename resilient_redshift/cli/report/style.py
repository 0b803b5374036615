"""The style of the page, for the screen and for paper. It names no other resource."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color: #111; background: #fff; font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.35rem; border-bottom: 2px solid #111; margin: 2.5rem 0 .5rem; padding-bottom: .2rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; }
p, ul, dl { margin: .3rem 0; }
a { color: #0b4f8a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .5rem 0 1rem; width: 100%; font-size: .88rem; }
caption { caption-side: top; font-weight: 600; padding: .2rem 0; text-align: left; }
th, td { border: 1px solid #999; overflow-wrap: anywhere; padding: .25rem .45rem; text-align: left; }
th, td { vertical-align: top; }
thead th { background: #e9ecef; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.source, .control { color: #444; font-size: .8rem; }
.source { font-weight: 400; overflow-wrap: anywhere; }
.bad { color: #8f1313; font-weight: 700; }
.good { color: #14532d; font-weight: 700; }
.gaps { border-left: 4px solid #8f1313; padding-left: .8rem; }
@page { margin: 14mm; size: A4 landscape; }
@media print {
  :root { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  .plan { break-before: page; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  thead th { print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
"""
