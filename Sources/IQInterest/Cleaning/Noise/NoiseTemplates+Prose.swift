// Templates of personal data, boilerplate and advertising, and what fills their holes.

extension NoiseTemplates {
    static let personal = NoiseSides(
        training: [
            "⟨first⟩.⟨last⟩@mail.example", "contact ⟨first⟩ ⟨last⟩ (212) 555-01⟨digits:2⟩", "⟨card⟩",
            "⟨first⟩ ⟨last⟩ ⟨number:900⟩ ⟨street⟩, ⟨city⟩", "my card is ⟨card⟩ exp 0⟨number:9⟩/2⟨number:9⟩",
            "iban ⟨iban⟩", "call me at +1 212 555 01⟨digits:2⟩",
            "password for ⟨first⟩⟨digits:2⟩@post.example", "ssn 078-05-⟨digits:4⟩",
            "⟨first⟩ ⟨last⟩ date of birth 0⟨number:9⟩/1⟨number:9⟩/198⟨number:9⟩",
            "order for ⟨first⟩ ⟨last⟩ no ⟨digits:10⟩",
        ],
        test: [
            "email to ⟨first⟩_⟨last⟩⟨digits:2⟩@corp.example please", "phone 1-800-555-01⟨digits:2⟩ ⟨first⟩",
            "visa ⟨card⟩ cvv ⟨digits:3⟩", "transfer to ⟨iban⟩ ⟨last⟩",
            "⟨number:900⟩ ⟨street⟩ Apt ⟨number:40⟩ ⟨city⟩ ⟨digits:5⟩", "+44 20 7946 0⟨digits:3⟩",
            "⟨first⟩ ⟨last⟩ passport ⟨digits:9⟩", "where does ⟨first⟩ ⟨last⟩ from ⟨number:90⟩ ⟨street⟩ live",
            "policy number ⟨upper:2⟩⟨digits:9⟩ ⟨last⟩", "whatsapp me ⟨first⟩ 0044 7700 900⟨digits:3⟩",
            "mrs ⟨last⟩ patient id ⟨digits:8⟩ room ⟨number:90⟩",
        ]
    )

    static let boilerplate = NoiseSides(
        training: [
            "We use cookies to improve your experience. Accept all", "404 Not Found", "Page not found - ⟨word⟩",
            "Please enable JavaScript to continue", "Accept cookies | Manage preferences",
            "Subscribe to our newsletter", "Loading...", "Untitled Document", "New Tab", "Click here to continue",
            "All rights reserved. Terms of use | Privacy policy", "Access Denied",
            "Your session has expired, please reload", "Read more »", "Skip to main content",
            "Share on Facebook Tweet Email", "You have been logged out", "Error 50⟨number:4⟩: bad gateway",
            "Page ⟨number:20⟩ of ⟨number:90⟩",
        ],
        test: [
            "This site asks for consent to use your data", "The requested URL was not found on this server",
            "Just a moment... checking your browser", "Enter the characters you see below",
            "Redirecting you in ⟨number:9⟩ seconds", "Sorry, something went wrong. Try again later",
            "Copyright © ⟨word⟩ Inc. Imprint",
            "Default Web Site Page", "Next > Last >> Showing ⟨number:20⟩ results",
            "By continuing you agree to our terms and conditions", "Advertisement - scroll to continue",
            "Are you a robot?", "Privacy settings: reject all, save choices", "Blank page",
            "Service temporarily unavailable (maintenance)", "Your browser is out of date, please upgrade",
            "Print this page | Back to top", "Item added to your basket", "Two-step verification required",
        ]
    )

    static let foreignSpam = NoiseSides(
        training: [
            // Spanish, German, French, Russian, Chinese.
            "compra ⟨topic⟩ barato sin receta envío gratis", "gana dinero rápido desde casa ⟨number:900⟩ euros al día",
            "préstamos urgentes sin papeles en ⟨number:90⟩ minutos", "Jetzt ⟨topic⟩ günstig kaufen ohne Rezept",
            "Geld verdienen von zu Hause ⟨number:900⟩ Euro am Tag", "Sofortkredit ohne Auskunft in ⟨number:90⟩ Minuten",
            "achetez ⟨topic⟩ pas cher livraison gratuite", "gagnez ⟨number:900⟩ euros par jour sans travailler",
            "crédit rapide sans justificatif en ⟨number:90⟩ minutes", "купить ⟨topic⟩ дёшево без рецепта доставка",
            "заработок в интернете ⟨number:900⟩ рублей в день", "быстрый кредит без справок за ⟨number:90⟩ минут",
            "免费 领取 ⟨topic⟩ 优惠 ⟨number:900⟩ 元", "网上 赚钱 每天 ⟨number:900⟩ 元 加微信", "快速 贷款 无需 抵押 ⟨number:90⟩ 分钟",
        ],
        test: [
            // Italian, Portuguese, Polish, Arabic, Japanese, Turkish.
            "acquista ⟨topic⟩ a basso prezzo senza ricetta", "guadagna ⟨number:900⟩ euro al giorno lavorando da casa",
            "prestiti veloci senza garanzie in ⟨number:90⟩ minuti", "compre ⟨topic⟩ barato sem receita frete grátis",
            "ganhe ⟨number:900⟩ reais por dia em casa", "tanie ⟨topic⟩ bez recepty wysyłka gratis",
            "zarabiaj ⟨number:900⟩ zł dziennie bez wychodzenia z domu", "شراء ⟨topic⟩ بسعر رخيص توصيل مجاني",
            "اربح ⟨number:900⟩ دولار يوميا من المنزل",
            "⟨topic⟩ 激安 通販 送料無料", "在宅で毎日 ⟨number:900⟩ 円 稼ぐ方法", "ucuz ⟨topic⟩ satın al ücretsiz kargo",
            "evden günde ⟨number:900⟩ lira kazan",
        ]
    )

    static let spam = NoiseSides(
        training: [
            "BUY CHEAP ⟨topic⟩ ONLINE NO PRESCRIPTION!!!", "Make $⟨number:900⟩ a day from home, no experience needed!!",
            "CONGRATULATIONS you won a free ⟨topic⟩, claim now >>>", "hot singles in ⟨city⟩ want to meet you tonight",
            "cheap ⟨topic⟩ best ⟨topic⟩ buy ⟨topic⟩ discount ⟨topic⟩",
            "FREE $$$ casino bonus ⟨number:900⟩ spins no deposit",
            "Lose ⟨number:40⟩ pounds in ⟨number:9⟩ days with this one weird pill",
            "urgent: your account will be suspended, verify now", "click >> win ⟨topic⟩ << limited offer act now",
            "Dear friend I have ⟨number:90⟩ million dollars for you", "get ⟨number:900⟩ followers instantly cheap",
        ],
        test: [
            "V1AGRA & C1ALIS ⟨number:90⟩% 0FF t0day", "work at home mom earns $⟨number:900⟩/hr!!! see how",
            "You have been selected! Survey reward: ⟨topic⟩ (1) unclaimed",
            "REPLICA ⟨topic⟩ wholesale AAA quality free shipping",
            "forward this to ⟨number:20⟩ people or bad luck follows",
            "double your bitcoin in ⟨number:24⟩ hours guaranteed",
            "xxx ⟨city⟩ escorts call now", "instant payday loan $⟨number:900⟩ bad credit ok apply",
            "⟨topic⟩ ⟨topic⟩ ⟨topic⟩ coupon code free ⟨topic⟩ ⟨digits:4⟩",
            "ACT NOW!!! last chance ⟨topic⟩ clearance -⟨number:90⟩%",
            "seo backlinks package da⟨number:90⟩ pa⟨number:90⟩ cheap",
        ]
    )

    static let cities = NoiseSides(
        training: ["Springfield", "Riverton", "Lakewood", "Fairview", "Georgetown", "Ashland"],
        test: ["Milton", "Kingsport", "Burlington", "Clayton", "Dayton", "Oxford"]
    )
    static let firstNames = NoiseSides(
        training: ["jane", "robert", "maria", "ahmed", "linda", "chen", "david", "olga"],
        test: ["susan", "thomas", "elena", "yusuf", "karen", "wei", "peter", "ingrid"]
    )
    static let lastNames = NoiseSides(
        training: ["doe", "miller", "garcia", "khan", "novak", "smith", "baker", "larsen"],
        test: ["roe", "taylor", "lopez", "haddad", "kowalski", "jones", "fisher", "berg"]
    )
    static let streets = NoiseSides(
        training: ["Oak Street", "Long Hill Road", "Maple Avenue", "Elm Drive", "Church Lane"],
        test: ["Pine Court", "Mill Road", "Cedar Blvd", "Station Street", "Orchard Lane"]
    )
    static let topics = NoiseSides(
        training: ["pills", "iphone", "rolex", "gift card", "sneakers", "sunglasses"],
        test: ["handbags", "tablet", "perfume", "laptop", "jerseys", "voucher"]
    )

    /// Lines to break where none are given; written for this project.
    static let ownLines = NoiseSides(
        training: [
            "Harbour bridge reopens after two years of repairs", "best hiking boots for wide feet",
            "Council votes to plant ten thousand trees", "how long does sourdough keep",
            "Rain ends the longest drought in a decade",
            "Striker returns from injury to score twice", "electric car range in winter",
            "Museum shows paintings lost for a century",
        ],
        test: [
            "Ferry strike leaves islanders without supplies", "quiet mechanical keyboard for the office",
            "Scientists map the floor of a hidden lake", "train tickets to the coast at weekends",
            "Film festival opens with a silent classic",
            "Teenager wins chess title against veterans", "vegetable garden on a shady balcony",
            "Volcano quietens after a month of ash",
        ]
    )
}
