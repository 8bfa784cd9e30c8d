/** The look of the report: one page, light or dark, also on paper. Charts keep a light ground. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1f2933;--muted:#5b6470;--rule:#dfe3e8;--soft:#f1f4f8;--one:#c44f00;--two:#0067a5;--good:#00785a;--bad:#b42318;--good-soft:#e3f4ee;--bad-soft:#fdeceb}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1b2128;--ink:#e6eaef;--muted:#9aa5b1;--rule:#313a44;--soft:#232b34;--one:#ff9a57;--two:#63b8f0;--good:#4fd1a5;--bad:#ff8a80;--good-soft:#12352b;--bad-soft:#3d1c1a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:30px;line-height:1.22;margin:6px 0 10px;letter-spacing:-.015em;max-width:25em}
h2{font-size:20px;margin:40px 0 6px;letter-spacing:-.01em}
h3{font-size:15px;margin:0 0 8px}
p{margin:0 0 10px;max-width:52em}header p{max-width:none}
.kicker,.muted,.note{color:var(--muted)}
.kicker{font-size:13px}.note{font-size:13px}
.badge{display:inline-block;padding:3px 11px;border-radius:99px;font-weight:600;font-size:13px}
.met{background:var(--good-soft);color:var(--good)}.missed{background:var(--bad-soft);color:var(--bad)}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:18px 20px;margin:14px 0}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin:22px 0 8px}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px}
.tile h3{color:var(--muted);font-weight:500;font-size:13px;margin:0 0 4px}
.tile div{font-size:23px;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}
.tile .arrow{color:var(--muted);font-weight:400;margin:0 4px}
.one{color:var(--one)}.two{color:var(--two)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:7px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
th:first-child,td:first-child{text-align:left;padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:13px;color:var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:400}tbody tr:last-child>*{border-bottom:0}
td.two,td.one{font-weight:600}
.left th,.left td{text-align:left}
.chart{background:#fff;border:1px solid var(--rule);border-radius:10px;padding:8px 8px 4px;margin:14px 0;overflow-x:auto}
.chart svg{display:block;width:100%;height:auto}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:18px;align-items:start}
.pair>.card{min-width:0;margin-top:8px}
ol.events{list-style:none;margin:0 0 14px;padding:0;border-left:2px solid var(--rule)}
ol.events li{display:grid;grid-template-columns:44px 58px minmax(0,1fr);gap:8px;padding:4px 0 4px 12px;font-size:13.5px;line-height:1.42;overflow-wrap:anywhere}
ol.events time{font-weight:600;font-variant-numeric:tabular-nums}
ol.events .off{color:var(--muted);text-align:right;font-variant-numeric:tabular-nums}
.phase{display:flex;justify-content:space-between;gap:12px;font-size:13px;margin:12px 0 4px}
.phase span{color:var(--muted);font-weight:400;text-align:right}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--soft);padding:1px 4px;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:8px;padding:12px 14px;margin:6px 0 14px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 18px;margin:10px 0 14px}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
ul{margin:4px 0 12px;padding-left:20px}li{margin:2px 0}
a{color:var(--two)}
a.source{font-size:10.5px;color:var(--muted);text-decoration:none;border:1px solid var(--rule);border-radius:4px;padding:0 4px;margin-left:4px;white-space:nowrap}
footer{margin-top:44px;color:var(--muted);font-size:13px}
@media (max-width:900px){.tiles{grid-template-columns:1fr 1fr}.pair{grid-template-columns:1fr}h1{font-size:25px}main{padding:22px 16px 48px}}
@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--muted:#444;--rule:#bbb;--soft:#f4f4f4;--one:#a03f00;--two:#00527f;--good:#005c45;--bad:#8f1a12;--good-soft:#fff;--bad-soft:#fff}body{font-size:11pt}main{max-width:none;padding:0}.card,.chart,.tile,tr,li{break-inside:avoid}h2,h3{break-after:avoid}}
`.trim()
