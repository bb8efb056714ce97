// Templates of code, addresses, logs and tokens. A hole is ⟨name⟩ or ⟨name:size⟩; ``NoiseWriter`` fills it.

enum NoiseTemplates {
    static let tokens = NoiseSides(
        training: [
            "⟨hex:32⟩", "⟨hex:8⟩-⟨hex:4⟩-4⟨hex:3⟩-a⟨hex:3⟩-⟨hex:12⟩", "⟨upper:3⟩⟨digits:6⟩⟨upper:2⟩", "id ⟨hex:16⟩",
            "⟨digits:12⟩",
            "⟨base64:24⟩==", "sess_⟨lower:4⟩⟨digits:8⟩", "key=⟨hex:20⟩",
        ],
        test: [
            "⟨hex:40⟩", "⟨upper:5⟩-⟨upper:5⟩-⟨digits:5⟩-⟨upper:5⟩",
            "v⟨number:9⟩.⟨number:30⟩.⟨number:99⟩-rc⟨number:9⟩+⟨hex:7⟩", "tok:⟨base64:32⟩",
            "⟨lower:2⟩⟨digits:3⟩⟨lower:2⟩⟨digits:4⟩⟨lower:3⟩", "#⟨hex:6⟩ #⟨hex:6⟩", "⟨digits:6⟩/⟨digits:4⟩/⟨digits:3⟩",
            "0x⟨hex:8⟩ 0x⟨hex:8⟩",
        ]
    )

    static let markup = NoiseSides(
        training: [
            "<div class=\"⟨word⟩-⟨word⟩\"><span>⟨word⟩</span></div>", "<a href=\"/⟨word⟩/⟨digits:4⟩\" target=_blank>",
            "&nbsp;&nbsp;⟨word⟩&nbsp;",
            "function(){var ⟨lower:1⟩=document.getElementById('⟨word⟩');}", "<script src=\"/js/⟨word⟩.min.js\">",
            "window.⟨word⟩=window.⟨word⟩||[];",
            "{\"⟨word⟩\":⟨number:99⟩,\"⟨word⟩\":\"⟨word⟩\"}", "<br/>⟨word⟩<br/>⟨word⟩",
            "$(document).ready(function(){ ⟨word⟩(); });",
            "<img src='⟨word⟩.png' width=⟨number:900⟩>", "if(typeof ⟨word⟩==='undefined'){⟨word⟩={}}",
        ],
        test: [
            ".⟨word⟩-⟨word⟩{margin:0 ⟨number:40⟩px;color:#⟨hex:6⟩}", "</td></tr><tr><td colspan=⟨number:9⟩>⟨word⟩",
            "try{⟨word⟩.push(['_⟨word⟩'])}catch(e){}",
            "<!-- ⟨word⟩ ⟨word⟩ start -->", "[⟨word⟩ id=\"⟨digits:5⟩\" align=\"left\"]", "&lt;p&gt;⟨word⟩&lt;/p&gt;",
            "import {⟨word⟩} from './⟨word⟩';",
            "@media (max-width:⟨digits:3⟩px){.⟨word⟩{display:none}}", "{{ ⟨word⟩.⟨word⟩ | default('⟨word⟩') }}",
            "SELECT ⟨word⟩, ⟨word⟩ FROM ⟨word⟩ WHERE id=⟨digits:4⟩;",
            "undefined is not a function (evaluating '⟨word⟩.⟨word⟩')", "%{⟨word⟩} ${⟨word⟩} <%= ⟨word⟩ %>",
        ]
    )

    static let addresses = NoiseSides(
        training: [
            "https://www.⟨word⟩.example/⟨word⟩/⟨digits:6⟩?utm_source=⟨word⟩&utm_medium=email&utm_id=⟨hex:8⟩",
            "http://⟨word⟩.example/⟨word⟩.html", "⟨word⟩.example/⟨word⟩?id=⟨digits:7⟩",
            "utm_campaign=⟨word⟩_⟨word⟩&gclid=⟨base64:20⟩", "www.⟨word⟩⟨word⟩.com/⟨word⟩/",
            "https://t.example/⟨base64:10⟩", "/⟨word⟩/⟨word⟩/index.php?page=⟨number:90⟩",
            "ref=⟨word⟩_⟨digits:5⟩&tag=⟨word⟩-20", "C:\\Users\\⟨word⟩\\⟨word⟩.docx",
        ],
        test: [
            "ftp://files.⟨word⟩.example/pub/⟨word⟩-⟨digits:3⟩.tar.gz", "⟨word⟩-⟨word⟩.net/#!/⟨word⟩/⟨hex:6⟩",
            "fbclid=⟨base64:28⟩", "file:///home/⟨lower:6⟩/⟨word⟩/⟨word⟩.pdf",
            "amp;src=⟨word⟩&amp;cid=⟨digits:9⟩&amp;hl=en", "android-app://com.⟨word⟩.⟨word⟩/http",
            "IMG_⟨digits:8⟩_⟨digits:6⟩.jpg", "⟨word⟩%20⟨word⟩%2C%20⟨word⟩%3F",
            "//cdn.⟨word⟩.example/v⟨number:9⟩/⟨word⟩.css?⟨digits:10⟩",
            "about:blank#⟨word⟩", "chrome-extension://⟨lower:32⟩/⟨word⟩.html",
        ]
    )

    static let logLines = NoiseSides(
        training: [
            "2026-0⟨number:9⟩-1⟨number:8⟩ 0⟨number:9⟩:⟨digits:2⟩:⟨digits:2⟩ ERROR ⟨word⟩.⟨word⟩ - connection refused",
            "[INFO] ⟨word⟩ service started in ⟨digits:4⟩ ms",
            "GET /⟨word⟩/⟨word⟩ HTTP/1.1 200 ⟨digits:5⟩",
            "java.lang.NullPointerException at com.⟨word⟩.⟨word⟩.main(⟨word⟩.java:⟨digits:3⟩)",
            "WARN [worker-⟨number:32⟩] retry ⟨number:9⟩ of 5 for ⟨word⟩",
            "10.⟨number:250⟩.⟨number:250⟩.⟨number:250⟩ - - \"POST /⟨word⟩ HTTP/1.1\" 500",
            "DEBUG ⟨word⟩: cache miss key=⟨hex:8⟩",
        ],
        test: [
            "kernel: [⟨digits:5⟩.⟨digits:6⟩] ⟨word⟩: link is down",
            "Traceback (most recent call last): File \"⟨word⟩.py\", line ⟨digits:3⟩, in ⟨word⟩",
            "sshd[⟨digits:5⟩]: Failed password for ⟨word⟩ port ⟨digits:5⟩",
            "E/⟨word⟩(⟨digits:5⟩): ⟨word⟩ returned -⟨number:30⟩",
            "npm ERR! code ELIFECYCLE errno ⟨number:9⟩ ⟨word⟩@⟨number:9⟩.⟨number:9⟩.0",
            "segfault at ⟨hex:8⟩ ip ⟨hex:12⟩ error ⟨number:9⟩",
            "level=warn msg=\"slow query\" duration=⟨digits:4⟩ms table=⟨word⟩",
            "HTTP Error 50⟨number:4⟩ upstream ⟨word⟩ timed out (110)",
        ]
    )

    static let botQueries = NoiseSides(
        training: [
            "site:⟨word⟩.example intitle:⟨word⟩ ⟨digits:4⟩", "check ⟨word⟩ ⟨digits:5⟩ status ⟨digits:5⟩",
            "test test test ⟨number:99⟩", "price monitor item ⟨digits:8⟩",
            "⟨word⟩ ⟨word⟩ ⟨word⟩ ⟨word⟩ ⟨word⟩ ⟨word⟩ ⟨digits:3⟩",
            "inurl:⟨word⟩.php?id=⟨digits:3⟩", "query ⟨digits:6⟩ ⟨word⟩", "healthcheck ⟨word⟩ probe ⟨digits:4⟩",
            "ping ⟨digits:3⟩",
        ],
        test: [
            "allintext:⟨word⟩ filetype:log ⟨digits:4⟩", "crawl job ⟨hex:6⟩ page ⟨digits:4⟩",
            "asin ⟨upper:3⟩⟨digits:7⟩ rank ⟨digits:6⟩", "rank tracker kw⟨digits:4⟩ ⟨word⟩",
            "uptime robot ⟨digits:4⟩ ok", "sample query number ⟨digits:5⟩",
            "aaa bbb ccc ⟨digits:3⟩", "cache:⟨word⟩.example -⟨word⟩ -⟨word⟩ -⟨word⟩",
            "load test user ⟨digits:5⟩ iteration ⟨digits:3⟩",
        ]
    )

    static let navigation = NoiseSides(
        training: [
            "⟨site⟩", "⟨site⟩ login", "⟨site⟩.com", "www ⟨site⟩ com", "sign in to ⟨site⟩", "⟨site⟩ sign in",
            "⟨site⟩ official website", "go to ⟨site⟩", "⟨site⟩ home page", "Log in | ⟨site⟩", "my ⟨site⟩ account",
        ],
        test: [
            "⟨site⟩", "⟨site⟩ app", "⟨site⟩.org", "open ⟨site⟩", "⟨site⟩ customer service number", "⟨site⟩ log on",
            "⟨site⟩ download", "Welcome to ⟨site⟩ - Sign in or register", "⟨site⟩ forgot password", "http ⟨site⟩ www",
        ]
    )

    static let words = NoiseSides(
        training: [
            "header", "widget", "content", "user", "cart", "item", "index", "promo", "banner", "session", "product",
            "main", "article", "video", "global", "track", "menu", "login", "search", "media",
            "footer", "module", "image", "admin",
        ],
        test: [
            "sidebar", "panel", "asset", "profile", "order", "entry", "catalog", "offer", "slider", "token", "account",
            "layout", "story", "player", "config", "event", "nav", "auth", "filter", "gallery",
            "wrapper", "plugin", "thumb", "root",
        ]
    )

    static let sites = NoiseSides(
        training: [
            "facebook", "youtube", "gmail", "yahoo mail", "amazon", "ebay", "netflix", "twitter", "instagram", "google",
            "craigslist", "paypal", "bank of harbour", "northwind", "linkedin", "reddit",
        ],
        test: [
            "hotmail", "outlook", "walmart", "pinterest", "hulu", "spotify", "wikipedia", "bing", "tiktok", "whatsapp",
            "first valley credit union", "contoso", "zillow", "roblox", "etsy", "dropbox",
        ]
    )
}
