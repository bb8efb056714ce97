// Progress on the standard error: one line rewritten in place on a terminal, plain lines elsewhere.

internal import InterestQueryKit

/// What was done so far, and how it is shown.
struct Progress {
    private let isTerminal = StandardError.isTerminal
    private let isQuiet: Bool
    private var isLineOpen = false
    private(set) var people = 0
    private(set) var queries = 0
    private var promptTokens = 0
    private var generatedTokens = 0
    private var prefillSeconds = 0.0
    private var decodeSeconds = 0.0
    /// Tokens of the running batch.
    private var runningTokens = 0

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// Something that takes long begins.
    mutating func stage(_ text: String) {
        guard !isQuiet else { return }
        if isTerminal { rewrite(text) } else { StandardError.write(text + "\n") }
    }

    mutating func token() {
        runningTokens += 1
        // A terminal takes a rewrite a token easily; eight a second would do.
        if isTerminal, !isQuiet, runningTokens % 4 == 0 { showLine() }
    }

    mutating func finished(person id: String, queries count: Int) {
        people += 1
        queries += count
        guard !isQuiet else { return }
        if isTerminal { showLine() } else { StandardError.write("\(people) \(id): \(count) queries\n") }
    }

    mutating func problem(_ text: String) {
        clear()
        StandardError.write("interest-query: \(text)\n")
    }

    mutating func add(_ summary: GenerationSummary) {
        promptTokens += summary.promptTokens
        generatedTokens += summary.generatedTokens
        prefillSeconds += summary.prefillSeconds
        decodeSeconds += summary.decodeSeconds
        runningTokens = 0
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
        guard !isQuiet, people > 0 else { return }
        StandardError.write(
            "\(people) people, \(queries) queries; read \(promptTokens) tokens in \(Self.text(prefillSeconds)) s "
                + "(\(Self.rate(promptTokens, prefillSeconds)) tokens/s), wrote \(generatedTokens) in "
                + "\(Self.text(decodeSeconds)) s (\(Self.rate(generatedTokens, decodeSeconds)) tokens/s)\n"
        )
    }

    private mutating func showLine() {
        rewrite("\(people) people, \(queries) queries, \(generatedTokens + runningTokens) tokens")
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
