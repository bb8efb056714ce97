// The looks of a report, light and dark as the reader's system is.

enum ReportStyle {
    /// Eight colours that people with any colour vision can tell apart, in lighter tones on dark ground (after Okabe and Ito,
    /// "Color universal design", 2008).
    static let css = """
        :root{color-scheme:light dark;--ground:#fff;--card:#fff;--text:#1c2024;--faint:#60646c;--line:#e3e5e8;--edge:#8b8d98;
        --differs:#fff4d6;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#b8860b;--c5:#2f9fd0;--c6:#8c510a;--c7:#5b5bd6}
        @media(prefers-color-scheme:dark){:root{--ground:#111315;--card:#181b1e;--text:#eceef0;--faint:#9ba1a6;--line:#2b3035;
        --edge:#6f777d;--differs:#3b3013;--c0:#56b4e9;--c1:#ff8c42;--c2:#2fcf9f;--c3:#e6a3c8;--c4:#f0c419;--c5:#9ad7f5;--c6:#d9a066;
        --c7:#a5a5ff}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1320px;padding:28px 24px 48px;background:var(--ground);color:var(--text);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:36px 0 12px}h3{font-size:15px;margin:0 0 6px;font-weight:600}
        p{margin:4px 0;color:var(--faint)}
        .legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin:14px 0 0;padding:0;list-style:none}
        .legend svg{width:26px;height:10px;margin-right:7px;vertical-align:1px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:18px;margin-top:20px}
        figure{margin:0;padding:14px 14px 8px;background:var(--card);border:1px solid var(--line);border-radius:10px;min-width:0}
        figure svg{display:block;width:100%;height:auto}figcaption{font-size:12.5px;color:var(--faint);padding:2px 4px 4px}
        .grid{stroke:var(--line)}.frame,.mark{stroke:var(--edge);fill:none}
        .tick{font-size:12px;fill:var(--faint)}.title{font-size:13px;fill:var(--text)}
        .raw,.smooth,.validation{fill:none;stroke-linejoin:round;stroke-linecap:round}
        .raw{stroke-width:1;opacity:.3}.smooth{stroke-width:2.2}.validation{stroke-width:1.6;stroke-dasharray:2 4}
        .dashed{stroke-dasharray:7 4}
        .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card)}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{padding:6px 14px;text-align:left;border-top:1px solid var(--line);vertical-align:top;unicode-bidi:isolate;
        overflow-wrap:anywhere}
        thead tr:first-child th{border-top:0}thead th{color:var(--faint);font-weight:600;font-size:13px;white-space:nowrap}
        tbody th{font-weight:500}td.n,th.n{text-align:right;white-space:nowrap}td small{color:var(--faint)}
        tr.differs td{background:var(--differs)}
        @media print{body{max-width:none;padding:0}figure,.scroll{break-inside:avoid}}

        """ + colors

    private static var colors: String {
        (0..<Chart.colorCount).map { number in
            ".raw.c\(number),.smooth.c\(number),.validation.c\(number){stroke:var(--c\(number))}"
                + "circle.c\(number){fill:var(--c\(number))}"
        }
        .joined(separator: "\n")
    }
}
