// Progress on the standard error: one line rewritten in place on a terminal, plain lines elsewhere.

internal import InterestQueryKit

/// What was done so far, and how it is shown.
struct Progress {
    private let isTerminal = StandardError.isTerminal
    private let isQuiet: Bool
    private var isLineOpen = false
    private(set) var people = 0
    private(set) var queries = 0
    /// People without a list, and lines without a person.
    private(set) var problems = 0
    private var promptTokens = 0
    private var generatedTokens = 0
    private let clock = ContinuousClock()
    /// When the first list could begin, and when the counts were shown last.
    private var start: ContinuousClock.Instant
    private var shown: ContinuousClock.Instant

    /// On a terminal the counts are shown this often, and elsewhere, where each time is a line of a log, this often.
    private static let terminalInterval = Duration.milliseconds(100)
    private static let logInterval = Duration.seconds(10)

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        start = clock.now
        shown = start
    }

    /// Something that takes long begins.
    mutating func stage(_ text: String) {
        guard !isQuiet else { return }
        if isTerminal { rewrite(text) } else { StandardError.write(text + "\n") }
    }

    /// The first list begins now: what came before is not in the rate.
    mutating func begin() {
        start = clock.now
        shown = start
    }

    /// A person has a list.
    mutating func add(_ list: QueryList, promptTokens: Int, generatedTokens: Int) {
        people += 1
        queries += list.count
        self.promptTokens += promptTokens
        self.generatedTokens += generatedTokens
        show()
    }

    mutating func problem(_ text: String) {
        problems += 1
        note(text)
    }

    mutating func note(_ text: String) {
        clear()
        StandardError.write("interest-query: \(text)\n")
    }

    /// Takes the line in place away, so that something else can be written.
    mutating func clear() {
        guard isLineOpen else { return }
        StandardError.write("\r\u{1B}[K")
        isLineOpen = false
    }

    /// The counts, at the end.
    mutating func finish() {
        clear()
        guard !isQuiet, people + problems > 0 else { return }
        let elapsed = seconds
        StandardError.write(
            "\(people) people, \(queries) queries in \(Self.text(elapsed)) s (\(Self.rate(people, elapsed)) people/s); read "
                + "\(promptTokens) tokens, wrote \(generatedTokens) (\(Self.rate(generatedTokens, elapsed)) tokens/s)\n"
        )
        if problems > 0 { StandardError.write("\(problems) \(problems == 1 ? "line" : "lines") without a list\n") }
    }

    private var seconds: Double { (clock.now - start) / .seconds(1) }

    private mutating func show() {
        guard !isQuiet, clock.now - shown >= (isTerminal ? Self.terminalInterval : Self.logInterval) else { return }
        shown = clock.now
        let text = "\(people) people, \(queries) queries, \(Self.rate(people, seconds)) people/s"
        if isTerminal { rewrite(text) } else { StandardError.write(text + "\n") }
    }

    private mutating func rewrite(_ text: String) {
        StandardError.write("\r\u{1B}[K\(text)")
        isLineOpen = true
    }

    /// With one decimal.
    static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func rate(_ count: Int, _ seconds: Double) -> String {
        seconds > 0 ? text(Double(count) / seconds) : "-"
    }
}
