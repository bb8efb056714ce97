// How lists are asked for and written.

public import IQModel

/// How query lists are written.
public struct InterestQueryOptions: Sendable {
    /// The form in which the model writes.
    public var format: QueryListFormat
    /// How many queries a list has; the least number is forced by the grammar only.
    public var queryCount: ClosedRange<Int>
    /// The shortest and longest query in characters.
    public var queryLength: ClosedRange<Int>
    /// Holds the model to the format. Without it the text is free, and its parser has to be tolerant.
    public var usesGrammar: Bool
    /// How tokens are drawn.
    public var sampling: SamplingOptions
    /// The longest list, in tokens.
    public var maximumTokens: Int
    /// The same seed, people, options and machine give the same lists. Person i of a batch uses random stream i.
    public var seed: UInt64
    public var prompt: PromptOptions

    /// The most probable token each time, with a light penalty on repeating one of the last 64: small models loop without it.
    public static let standardSampling =
        (try? SamplingOptions(temperature: 0, repetitionPenalty: 1.05, repetitionWindow: 64)) ?? .greedy

    /// - Throws: ``InterestQueryError/invalidOption(name:value:permitted:)`` for a number outside its range.
    public init(
        format: QueryListFormat = .lines,
        queryCount: ClosedRange<Int> = 3...5,
        queryLength: ClosedRange<Int> = 3...100,
        usesGrammar: Bool = true,
        sampling: SamplingOptions = InterestQueryOptions.standardSampling,
        maximumTokens: Int = 128,
        seed: UInt64 = 0,
        prompt: PromptOptions = .default
    ) throws(InterestQueryError) {
        try requireOption("queryCount", queryCount.lowerBound, in: 1...100)
        try requireOption("queryCount", queryCount.upperBound, in: 1...100)
        try requireOption("queryLength", queryLength.lowerBound, in: 1...1000)
        try requireOption("queryLength", queryLength.upperBound, in: 10...1000)
        try requireOption("maximumTokens", maximumTokens, in: 1...1_000_000)
        self.init(
            checkedFormat: format,
            queryCount: queryCount,
            queryLength: queryLength,
            usesGrammar: usesGrammar,
            sampling: sampling,
            maximumTokens: maximumTokens,
            seed: seed,
            prompt: prompt
        )
    }

    private init(
        checkedFormat: QueryListFormat,
        queryCount: ClosedRange<Int>,
        queryLength: ClosedRange<Int>,
        usesGrammar: Bool,
        sampling: SamplingOptions,
        maximumTokens: Int,
        seed: UInt64,
        prompt: PromptOptions
    ) {
        format = checkedFormat
        self.queryCount = queryCount
        self.queryLength = queryLength
        self.usesGrammar = usesGrammar
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.seed = seed
        self.prompt = prompt
    }

    /// Lines, 3 to 5 queries, held to the format, the most probable ones.
    public static let `default` = InterestQueryOptions(
        checkedFormat: .lines,
        queryCount: 3...5,
        queryLength: 3...100,
        usesGrammar: true,
        sampling: standardSampling,
        maximumTokens: 128,
        seed: 0,
        prompt: .default
    )

    /// The bounds of the lists that the options ask for.
    func limits() throws(InterestQueryError) -> QueryListLimits {
        do throws(QueryListError) {
            return try QueryListLimits(maximumCount: queryCount.upperBound, length: queryLength)
        } catch {
            throw .invalidOption(name: "queryCount", value: queryCount.upperBound, permitted: 1...100)
        }
    }
}
