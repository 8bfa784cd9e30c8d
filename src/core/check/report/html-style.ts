/** The look of the HTML report: one page, light or dark, also on paper; as the report of a drill looks. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1f2933;--muted:#5b6470;--rule:#dfe3e8;--soft:#f1f4f8;--link:#0067a5;--good:#00684e;--bad:#b42318;--warn:#8a5300;--good-soft:#e3f4ee;--bad-soft:#fdeceb;--warn-soft:#fdf3dc}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1b2128;--ink:#e6eaef;--muted:#9aa5b1;--rule:#313a44;--soft:#232b34;--link:#63b8f0;--good:#4fd1a5;--bad:#ff8a80;--warn:#f0b95a;--good-soft:#12352b;--bad-soft:#3d1c1a;--warn-soft:#3a2c10}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:22px;line-height:1.35;margin:8px 0 10px;letter-spacing:-.01em;max-width:none;overflow-wrap:anywhere}
h2{font-size:20px;margin:40px 0 6px;letter-spacing:-.01em}
h3{font-size:16px;margin:0 0 6px;overflow-wrap:anywhere}h4{font-size:14px;margin:16px 0 4px}
p{margin:0 0 10px;max-width:68em;overflow-wrap:anywhere}
.kicker,.muted,.note{color:var(--muted)}.kicker,.note{font-size:13px}
.badge{display:inline-block;padding:2px 10px;border-radius:99px;font-weight:600;font-size:13px;white-space:nowrap}
.good{background:var(--good-soft);color:var(--good)}.bad{background:var(--bad-soft);color:var(--bad)}.warn{background:var(--warn-soft);color:var(--warn)}.quiet{background:var(--soft);color:var(--muted)}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:18px 20px;margin:14px 0}
.guilty{border-left:4px solid var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin:22px 0 8px}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px;min-width:0}
.tile h2{color:var(--muted);font-weight:500;font-size:13px;margin:0 0 4px;letter-spacing:0}
.tile div{font-size:21px;font-weight:650;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{font-size:13px;color:var(--muted);font-weight:600}tbody th{font-weight:400}tbody tr:last-child>*{border-bottom:0}
td.number,th.number{text-align:right;white-space:nowrap}
code,pre,.plan td{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--soft);padding:1px 4px;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:8px;padding:10px 14px;margin:6px 0 12px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
pre code{background:none;padding:0}
pre.sql-bad{background:var(--bad-soft)}pre.sql-good{background:var(--good-soft)}
.regression{border-top:1px solid var(--rule);padding-top:16px;margin-top:16px}
.plan{table-layout:fixed;margin:8px 0 14px;border:1px solid var(--rule);border-radius:8px;border-collapse:separate;border-spacing:0;overflow:hidden}
.plan th,.plan td{padding:3px 10px;border-bottom:0}
.plan thead th{padding:6px 10px;border-bottom:1px solid var(--rule);background:var(--soft);color:var(--ink)}
.plan thead th:first-child,.plan td.mark{width:96px;padding-left:10px}
.plan td:nth-child(2){border-right:1px solid var(--rule)}
.plan .line{display:block;white-space:pre-wrap;overflow-wrap:anywhere}
.plan td.mark{font:600 11px/1.9 system-ui,sans-serif;color:var(--warn);white-space:nowrap}
.plan tr.same td{color:var(--muted)}
.plan tr:not(.same) td.was{background:var(--good-soft);color:var(--ink)}
.plan tr:not(.same) td.is{background:var(--bad-soft);color:var(--ink)}
.plan tr:not(.same) td.none{background:transparent}
caption{text-align:left;padding:0 0 4px}
ul.plain{list-style:none;padding:0}
.do{font-weight:600}
details{margin:6px 0 10px}summary{cursor:pointer;color:var(--link)}
ul{margin:4px 0 12px;padding-left:20px}li{margin:3px 0;overflow-wrap:anywhere}
ul.checks{list-style:none;padding:0}ul.checks li{display:grid;grid-template-columns:84px minmax(0,1fr);gap:10px;padding:6px 0;border-bottom:1px solid var(--rule)}ul.checks li:last-child{border-bottom:0}
a{color:var(--link)}
footer{margin-top:44px;color:var(--muted);font-size:13px}
@media (max-width:900px){.tiles{grid-template-columns:1fr 1fr}main{padding:22px 16px 48px}h1{font-size:21px}.plan{min-width:760px}}
@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--muted:#444;--rule:#bbb;--soft:#f4f4f4}body{font-size:10.5pt}main{max-width:none;padding:0}.card,.tile,tr,li{break-inside:avoid}h2,h3{break-after:avoid}}
`.trim()
