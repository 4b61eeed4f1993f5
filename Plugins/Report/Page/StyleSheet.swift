/// How the page looks: light and dark, wide and narrow, on paper.
///
/// Colours of data are those of Okabe and Ito (2008), which colour-blind people tell apart; what they mean is also said in
/// words, or by the kind of line.
enum StyleSheet {
  // Neither "<" nor "&" stands in it: XML would read them as markup.
  static let text: Markup = """
    :root {
      color-scheme: light dark;
      --page: #f6f7f9; --card: #ffffff; --ink: #1a2027; --soft: #566270; --line: #d9dfe6;
      --link: #0b57a4; --good: #0b6e4f; --bad: #a92c00; --warn: #6b5200;
      --good-back: #e3f4ec; --bad-back: #fdeae2; --warn-back: #fdf4d8; --soft-back: #eceff3;
      --bar: #0072b2; --drop: #e69f00; --truth: #ffffff;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0e1217; --card: #171d24; --ink: #e8edf3; --soft: #a3afbd; --line: #2f3946;
        --link: #7cc0ff; --good: #62d3a4; --bad: #ff9d7a; --warn: #f0cf6a;
        --good-back: #123127; --bad-back: #3a1d12; --warn-back: #352c0f; --soft-back: #232b35;
        --bar: #56b4e9; --drop: #e69f00;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    header, main, footer { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
    h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); line-height: 1.15; margin: 1.5rem 0 .25rem; letter-spacing: -.01em; }
    h2 { font-size: 1.35rem; margin: 0 0 .75rem; }
    h3 { font-size: 1.1rem; margin: 0 0 .5rem; display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; }
    h4 { font-size: .9rem; font-weight: 600; color: var(--soft); margin: 0 0 .35rem; }
    p { margin: .25rem 0 .75rem; max-width: 70ch; }
    a { color: var(--link); }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -100vw; background: var(--card); padding: .5rem 1rem; z-index: 9; }
    .skip:focus { left: .5rem; top: .5rem; }
    .research { margin: 0; max-width: none; background: var(--warn-back); color: var(--warn); padding: .45rem 1.25rem; text-align: center; font-size: .9rem; }
    .lead { font-size: 1.15rem; color: var(--soft); }
    .soft, .synthetic { color: var(--soft); }
    .notice { background: var(--card); color: var(--ink); border: 1px solid var(--line); border-left: 4px solid var(--drop); border-radius: .4rem; padding: .6rem .9rem; max-width: none; }
    nav { position: sticky; top: 0; z-index: 5; background: var(--page); border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; align-items: center; padding: .5rem max(1.25rem, calc((100vw - 75.5rem) / 2)); margin: 1rem 0 0; }
    nav a { text-decoration: none; font-weight: 600; font-size: .95rem; padding: .3rem 0; white-space: nowrap; }
    nav a:hover { text-decoration: underline; }
    nav form { margin-left: auto; }
    label { font-size: .9rem; color: var(--soft); }
    input, select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--soft); border-radius: .35rem; padding: .25rem .5rem; max-width: 100%; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1.25rem; margin: 1.25rem 0; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 0; }
    .tile { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; border-top: 4px solid var(--soft); }
    .tile.good { border-top-color: var(--good); } .tile.bad { border-top-color: var(--bad); } .tile.dropped { border-top-color: var(--drop); }
    .tile dt { font-weight: 600; }
    .tile dd { margin: 0; display: flex; flex-direction: column; }
    .tile b { font-size: 2rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
    .tile.words b { font-size: 1.35rem; line-height: 1.8; }
    .tile dd span { color: var(--soft); font-size: .88rem; line-height: 1.35; }
    details { margin: .75rem 0 0; } summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
    .notes { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .9rem; } .notes ul { margin: .25rem 0; padding-left: 1.2rem; }
    .scroll { overflow-x: auto; max-width: 100%; border: 1px solid var(--line); border-radius: .5rem; }
    #cases .scroll { max-height: 34rem; overflow-y: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .92rem; }
    th, td { text-align: left; padding: .4rem .7rem; vertical-align: top; overflow-wrap: normal; }
    tbody tr + tr > * { border-top: 1px solid var(--line); }
    thead th { position: sticky; top: 0; background: var(--soft-back); white-space: nowrap; font-size: .85rem; z-index: 1; }
    thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
    thead button::after { content: " ↕"; color: var(--soft); }
    th[aria-sort=ascending] button::after { content: " ↑"; color: inherit; } th[aria-sort=descending] button::after { content: " ↓"; color: inherit; }
    tbody th { font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .why { min-width: 15rem; } .interval { color: var(--soft); }
    .key, code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .92em; }
    tbody .key { white-space: nowrap; }
    .state { display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .82rem; font-weight: 600; white-space: nowrap; background: var(--soft-back); color: var(--soft); }
    .state.good { background: var(--good-back); color: var(--good); } .state.bad { background: var(--bad-back); color: var(--bad); } .state.dropped { background: var(--warn-back); color: var(--warn); }
    .state.good::before { content: "✓ "; } .state.bad::before { content: "✕ "; } .state.dropped::before { content: "▽ "; }
    figure { margin: 0; } figcaption { font-size: .85rem; color: var(--soft); }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1.25rem 2.5rem; }
    .chart figcaption { font-weight: 600; color: var(--ink); font-size: .95rem; margin-bottom: .4rem; }
    .bars { list-style: none; margin: 0; padding: 0; }
    .bars li, .ticks { display: grid; grid-template-columns: minmax(6rem, 30%) 1fr 9.5rem; gap: 0 .7rem; align-items: center; }
    .bars li { padding: .12rem 0; font-size: .92rem; }
    .bars .value { font-variant-numeric: tabular-nums; white-space: nowrap; font-size: .88rem; }
    .bar { width: 100%; height: 1.5rem; display: block; background: linear-gradient(var(--line), var(--line)) left / 1px 100% no-repeat; overflow: visible; }
    .bar rect { fill: var(--bar); } .whisker { fill: none; stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
    .ticks > div { grid-column: 2; position: relative; height: 1.3rem; border-top: 1px solid var(--line); }
    .ticks span, .levels span { white-space: nowrap; }
    .ticks span { position: absolute; transform: translateX(-50%); font-size: .78rem; color: var(--soft); font-variant-numeric: tabular-nums; }
    .histogram { max-width: 46rem; } .histogram .ticks { display: block; padding-left: 2.2rem; } .histogram figcaption { padding-left: 2.2rem; }
    .plot { position: relative; margin-left: 2.2rem; height: 14rem; border-left: 1px solid var(--line); margin-top: 1.6rem; }
    .plot svg { width: 100%; height: 100%; display: block; } .kept { fill: var(--bar); } .dropped { fill: var(--drop); }
    .levels span { position: absolute; right: calc(100% + .4rem); transform: translateY(50%); font-size: .78rem; color: var(--soft); }
    .threshold { position: absolute; top: -1.4rem; bottom: 0; border-left: 2px dashed var(--ink); }
    .threshold span { position: absolute; top: -.3rem; white-space: nowrap; font-size: .85rem; font-weight: 600; } .threshold.left span { right: .4rem; } .threshold.right span { left: .4rem; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: .75rem 0; padding: 0; font-size: .88rem; color: var(--soft); }
    .legend svg { width: .8rem; height: .8rem; vertical-align: -.05rem; }
    .legend.dark { background: #14181d; color: #e8edf3; border-radius: .5rem; padding: .5rem .9rem; } .legend.dark svg { width: 1.9rem; height: .95rem; vertical-align: -.15rem; }
    .scale { display: inline-block; width: 5rem; height: .7rem; border-radius: .15rem; vertical-align: -.05rem; }
    .filter { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin-bottom: .75rem; } .filter output { color: var(--soft); font-size: .9rem; }
    [hidden] { display: none !important; }
    article { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1.25rem; content-visibility: auto; contain-intrinsic-size: auto 1100px; }
    .facts { display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; margin: 0 0 .9rem; } .facts dt { font-size: .8rem; color: var(--soft); } .facts dd { margin: 0; font-weight: 600; font-size: .95rem; }
    .profile { margin-bottom: 1rem; } .profile svg { display: block; width: 100%; height: 3.5rem; border-bottom: 1px solid var(--line); background: var(--soft-back); }
    .area { fill: var(--drop); } .probability { fill: none; stroke: var(--bar); stroke-width: 2; vector-effect: non-scaling-stroke; } .marks { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; }
    .key-area { border-bottom: 3px solid var(--drop); } .key-probability { border-bottom: 3px solid var(--bar); }
    .slice { margin: 0 0 1rem; } .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13.2rem, 46%), 1fr)); gap: .6rem; }
    .panels figure { position: relative; min-width: 0; max-width: 22rem; } .panels figcaption { padding-top: .2rem; }
    .zoom { display: block; width: 100%; padding: 0; border: 0; border-radius: .4rem; background: #000; cursor: zoom-in; overflow: hidden; }
    .zoom svg { display: block; width: 100%; height: auto; }
    .edge { position: absolute; color: #fff; font-size: .72rem; line-height: 1; text-shadow: 0 0 3px #000, 0 0 2px #000; pointer-events: none; opacity: .85; }
    .edge.left { left: .3rem; top: 45%; } .edge.right { right: .3rem; top: 45%; } .edge.top { top: .3rem; left: 48%; } .edge.bottom { bottom: 1.9rem; left: 48%; }
    .final, .sam, .truth, .box, .point { fill: none; vector-effect: non-scaling-stroke; stroke-width: 2; stroke-linejoin: round; }
    .final { stroke: #e69f00; } .sam { stroke: #56b4e9; } .box { stroke: #f0e442; stroke-dasharray: 7 3; stroke-width: 1.8; }
    .truth { stroke: #fff; stroke-width: 1.5; stroke-dasharray: 4 6; }
    .point { stroke: #f0e442; stroke-width: 7; stroke-linecap: round; } .point.outside { stroke: #cc79a7; stroke-linecap: square; stroke-width: 6; }
    .halo, .halo.point.outside { stroke: #000; stroke-opacity: .7; stroke-width: 4.5; } .halo.box { stroke-dasharray: none; stroke-width: 4; }
    .halo.point, .halo.point.outside { stroke-opacity: 1; stroke-width: 10; } .halo.truth { stroke-width: 3.2; }
    dialog { border: 0; border-radius: .6rem; padding: .75rem; background: #14181d; color: #e8edf3; width: min(96vw, 60rem); max-height: 96vh; } dialog::backdrop { background: rgb(0 0 0 / .75); }
    dialog form { display: flex; gap: 1rem; align-items: start; justify-content: space-between; } dialog p { margin: 0 0 .5rem; } dialog button { font: inherit; padding: .2rem .9rem; }
    dialog svg { display: block; width: 100%; max-height: 82vh; background: #000; }
    footer { color: var(--soft); font-size: .88rem; padding-bottom: 2rem; }
    @media (max-width: 40rem) {
      header, main, footer { padding: 0 .75rem; } section { padding: .9rem .75rem; } nav { padding: .4rem .75rem; gap: .1rem .9rem; } nav form { margin-left: 0; width: 100%; } nav form input { width: 11rem; } html { scroll-padding-top: 6.5rem; }
      .research { padding: .4rem .75rem; } .wide { display: none; } .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; } .tile { padding: .5rem .6rem; } .tile b { font-size: 1.6rem; } .tile.words b { font-size: 1.1rem; }
      .point, .point.outside { stroke-width: 5; } .halo.point, .halo.point.outside { stroke-width: 7.5; }
      .stack thead { display: none; } .stack tbody tr { display: block; padding: .6rem .5rem; } .stack tbody tr + tr { border-top: 1px solid var(--line); }
      .stack tbody th, .stack tbody td { display: inline-block; border: 0; padding: .1rem .5rem .1rem 0; } .stack tbody .why { display: block; min-width: 0; }
      .stack tbody .stage::before { content: "at "; color: var(--soft); }
      .stack tbody .number::before { content: "mask: "; color: var(--soft); }
      #all .key { font-size: .85em; }
      th, td { padding: .35rem .5rem; } .bars li { grid-template-columns: 1fr auto; } .bars .bar { grid-column: 1 / 3; grid-row: 2; height: 1.1rem; } .chart .ticks { display: block; } .facts { gap: .35rem 1.1rem; }
    }
    @media print {
      :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; } nav, .filter, .skip { display: none; } section { border: 0; padding: 0; } article { break-inside: avoid; content-visibility: visible; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } #cases .scroll { max-height: none; }
    }

    """
}
