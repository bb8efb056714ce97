// Samples in tokens, checked against the models and the settings.

internal import IQModel
internal import IQText
internal import IQTraining

/// A sample as student and teacher read it.
struct PreparedSample: Sendable {
    var teacher: Int
    var prompt: [TokenID]
    /// nil where the teacher reads the student's prompt.
    var teacherPrompt: [TokenID]?
    /// nil where the data have none.
    var completion: [TokenID]?

    var longestPrompt: Int { max(prompt.count, teacherPrompt?.count ?? 0) }
}

/// Turns samples into tokens.
struct SamplePreparation {
    let tokenizer: Tokenizer?
    let vocabularySize: Int
    /// The longest sequence that student and teacher take.
    let limit: Int
    /// The longest completion that is sampled.
    let maximumTokens: Int
    let teachers: [String]
    let needsCompletions: Bool

    func prepared(_ sample: DistillationSample) throws(SampleProblem) -> PreparedSample {
        var result = PreparedSample(teacher: try teacher(of: sample), prompt: try tokens(of: sample.prompt))
        try check(result.prompt, isTeachers: false)
        if let own = sample.teacherPrompt, own != sample.prompt {
            let prompt = try tokens(of: own)
            try check(prompt, isTeachers: true)
            result.teacherPrompt = prompt
        }
        guard needsCompletions else { return result }
        guard let text = sample.completion else { throw .noCompletion }
        let completion = try tokens(of: text, behind: sample.prompt, result.prompt)
        for (prompt, isTeachers) in [(result.prompt, false), (result.teacherPrompt ?? [], true)] {
            try checkLength(prompt.count, completion.count, isTeachers: isTeachers)
        }
        result.completion = completion
        return result
    }

    private func teacher(of sample: DistillationSample) throws(SampleProblem) -> Int {
        guard let name = sample.teacher else {
            guard teachers.count == 1 else { throw .unknownTeacher(nil, known: teachers) }
            return 0
        }
        guard let place = teachers.firstIndex(of: name) else { throw .unknownTeacher(name, known: teachers) }
        return place
    }

    private func check(_ prompt: [TokenID], isTeachers: Bool) throws(SampleProblem) {
        guard !prompt.isEmpty else { throw .emptyPrompt(isTeachers: isTeachers) }
        for token in prompt where token < 0 || Int(token) >= vocabularySize {
            throw .tokenOutOfRange(Int(token), vocabularySize: vocabularySize)
        }
        try checkLength(prompt.count, maximumTokens, isTeachers: isTeachers)
    }

    private func checkLength(_ prompt: Int, _ completion: Int, isTeachers: Bool) throws(SampleProblem) {
        guard prompt + completion <= limit else {
            throw .tooLong(isTeachers: isTeachers, prompt: prompt, completion: completion, limit: limit)
        }
    }

    private func tokens(of prompt: GenerationPrompt) throws(SampleProblem) -> [TokenID] {
        if case .tokens(let tokens) = prompt { return tokens }
        guard let tokenizer else { throw .noTokenizer }
        do {
            return try prompt.tokens(with: tokenizer)
        } catch {
            throw .completion("\(error)")
        }
    }

    /// A completion ends as the model ends its own: with the token behind a turn or a text.
    private func tokens(
        of completion: String,
        behind prompt: GenerationPrompt,
        _ promptTokens: [TokenID]
    ) throws(SampleProblem) -> [TokenID] {
        let pair: SupervisedPair
        switch prompt {
        case .chat(let messages):
            pair = .messages(messages + [ChatMessage(role: "assistant", content: completion)])
        case .text(let text): pair = .text(prompt: text, completion: completion)
        case .tokens:
            guard let tokenizer else { throw .noTokenizer }
            let end = tokenizer.endOfText.map { [$0] } ?? []
            pair = .tokens(prompt: promptTokens, completion: tokenizer.encode(completion) + end)
        }
        let tokenization = PairTokenization(tokenizer: tokenizer, vocabularySize: vocabularySize, limit: .max)
        do {
            let tokenized = try tokenization.tokens(of: pair)
            return Array(tokenized.tokens[tokenized.promptCount...])
        } catch {
            throw .completion("\(error)")
        }
    }
}
