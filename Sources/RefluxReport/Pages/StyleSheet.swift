/// The looks of all reports: one style sheet, written into the page.
enum StyleSheet {
  /// The rules. Contains neither `<` nor `&`, so that it may stand in XML as it is.
  static let text = colours + page + tables + charts + media

  private static let colours = """
    :root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1c1e21; --soft: #5b6168;
      --rule: #d9dbdd; --faint: #eceded; --shade: #0003; --s0: #6b7178; --s1: #0072b2;
      --s2: #c44e00;
      --s3: #008060; --s4: #a2408f; --s5: #8a6a00; --s6: #4659b8; --s7: #882255; }
    @media screen and (prefers-color-scheme: dark) { :root { --paper: #15171a; --ink: #e6e7e9;
      --soft: #a0a6ad; --rule: #3a3e44; --faint: #25282c; --shade: #000a; --s0: #9aa1a9;
      --s1: #5ab4ec;
      --s2: #ff9057; --s3: #35c79d; --s4: #e59bd3; --s5: #e0b84c; --s6: #a3b0ff;
      --s7: #f08bab; } }
    .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); }
    .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
    .s6 { --c: var(--s6); } .s7 { --c: var(--s7); }

    """

  private static let page = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
      sans-serif; font-variant-numeric: lining-nums tabular-nums; overflow-wrap: break-word; }
    main { max-width: 1080px; margin: 0 auto; padding: 56px 24px 80px; }
    h1 { font-size: clamp(1.75rem, 1.3rem + 2vw, 2.5rem); line-height: 1.15; font-weight: 650;
      letter-spacing: -0.02em; margin: 0; text-wrap: balance; }
    .lead { font-size: 1.125rem; color: var(--soft); margin: 12px 0 0; max-width: 42em;
      text-wrap: pretty; }
    section { margin-top: 56px; }
    h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em;
      margin: 0 0 16px; }
    h3 { font-size: 1rem; line-height: 1.4; font-weight: 600; margin: 0; }
    .note { color: var(--soft); margin: -8px 0 20px; max-width: 42em; }
    .prose p { max-width: 42em; margin: 0 0 12px; }
    .highlights { list-style: none; margin: 40px 0 0; padding: 0; display: grid; gap: 24px 32px;
      grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); }
    .highlights li { border-top: 2px solid var(--ink); padding-top: 10px; }
    .highlights strong { display: block; font-size: 2rem; line-height: 1.2; font-weight: 600;
      letter-spacing: -0.02em; }
    .highlights span { color: var(--soft); font-size: 0.875rem; line-height: 1.45;
      display: block; }
    .highlights b { font-weight: inherit; white-space: nowrap; }
    dl { margin: 0; display: grid; gap: 12px 32px; }
    dt { color: var(--soft); font-size: 0.875rem; }
    dd { margin: 0; }
    .facts { grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); }
    .terms { grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); }
    .terms dt { color: var(--ink); font-weight: 600; }
    .terms dd { color: var(--soft); font-size: 0.9375rem; }

    """

  private static let tables = """
    .scroll { overflow-x: auto; border-block: 1px solid var(--rule); background:
      linear-gradient(to left, var(--paper) 30%, transparent) right / 40px 100% no-repeat local,
      linear-gradient(to left, var(--shade), transparent) right / 16px 100% no-repeat scroll; }
    .scroll:focus-visible { outline: 2px solid var(--s1); outline-offset: 3px; }
    table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
    caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    th, td { padding: 9px 10px; text-align: right; white-space: nowrap; }
    thead th { color: var(--soft); font-weight: 500; font-size: 0.8125rem;
      border-bottom: 1px solid var(--rule); vertical-align: bottom; }
    th:first-child { text-align: left; padding-left: 0; position: sticky; left: 0;
      background: var(--paper); font-weight: 600; }
    thead th:first-child { font-weight: 500; }
    td:last-child, thead th:last-child { padding-right: 2px; }
    tbody tr + tr > * { border-top: 1px solid var(--faint); }
    .teacher > * { color: var(--soft); }
    .swatch { width: 0.75rem; height: 0.75rem; margin-right: 8px; vertical-align: -0.05rem;
      display: inline-block; }

    """

  private static let charts = """
    .grid { display: grid; gap: 40px 36px; }
    .three { grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); }
    .two { grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); }
    .many { grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 28px; }
    figure { margin: 0; min-width: 0; display: grid; grid-row: span 2; row-gap: 0;
      grid-template-rows: subgrid; }
    figcaption { margin-bottom: 14px; }
    figcaption p { margin: 0; color: var(--soft); font-size: 0.875rem; line-height: 1.45; }
    figure svg { display: block; width: 100%; height: auto; max-width: 600px;
      overflow: visible; }
    .three svg { max-width: 420px; }
    .many svg { max-width: 260px; }
    .many figcaption { margin-bottom: 8px; }
    svg text { font-size: 12px; fill: var(--soft); }
    svg .row-name, svg .row-value { paint-order: stroke; stroke: var(--paper);
      stroke-width: 5px; stroke-linejoin: round; }
    svg .row-name { font-size: 13.5px; fill: var(--ink); }
    svg .row-value { font-size: 13.5px; fill: var(--ink); font-weight: 600; }
    svg .name { font-weight: 600; fill: var(--c); }
    line.grid { stroke: var(--faint); stroke-width: 1; }
    .base { stroke: var(--rule); stroke-width: 1; }
    .line { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round;
      stroke-linecap: round; }
    .line.dashed { stroke-dasharray: 6 4; }
    .leader { stroke: var(--c); stroke-width: 1; opacity: 0.5; }
    .mark { fill: var(--c); }
    .bar { stroke: var(--c); stroke-width: 3; opacity: 0.45; }
    .reference { stroke: var(--c); stroke-width: 1.2; stroke-dasharray: 1 4;
      stroke-linecap: round; }
    .frame { fill: none; stroke: var(--rule); }
    .diagonal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; }
    .share { fill: var(--rule); }
    .column { fill: var(--c); }
    .miss { stroke: var(--c); stroke-width: 1.2; }
    .bubble { fill: var(--c); fill-opacity: 0.75; stroke: var(--paper); stroke-width: 1; }

    """

  private static let media = """
    @media (max-width: 640px) { main { padding: 32px 16px 56px; } section { margin-top: 44px; }
      .highlights { grid-template-columns: 1fr 1fr; gap: 20px; margin-top: 28px; }
      .highlights strong { font-size: 1.625rem; }
      .many { grid-template-columns: 1fr 1fr; gap: 24px 16px; }
      tbody th { white-space: normal; min-width: 6.5em; max-width: 10em; }
      .two svg text { font-size: 14.5px; } .many svg text { font-size: 14px; }
      .terms, .facts { grid-template-columns: 1fr; }
      .facts { gap: 6px; } .facts div { display: grid; grid-template-columns: 7.5em 1fr; }
      .facts dt { line-height: 1.7; } }
    @media print { :root { --paper: #fff; --ink: #000; } main { max-width: none; padding: 0; }
      body { font-size: 10.5pt; } section { margin-top: 24pt; }
      figure, tr, .highlights li, dl div { break-inside: avoid; }
      h2, h3, figcaption { break-after: avoid; } .scroll { overflow: visible; }
      .three { grid-template-columns: repeat(3, 1fr); gap: 16pt; }
      .two { grid-template-columns: 1fr 1fr; gap: 16pt; }
      .many { grid-template-columns: repeat(5, 1fr); gap: 12pt; }
      .highlights { grid-template-columns: repeat(4, 1fr); gap: 14pt; }
      .highlights strong { font-size: 18pt; }
      th, td { padding: 4pt 5pt; font-size: 8.5pt; } }
    """
}
