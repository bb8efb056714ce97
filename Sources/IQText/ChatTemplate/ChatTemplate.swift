// A model's chat template: how a conversation becomes the text that the model was trained on.

/// A chat template in the dialect of Jinja2 that Hugging Face models carry.
///
/// Rendering follows `transformers`: a sandbox in which nothing can be changed, with `trim_blocks` and `lstrip_blocks`,
/// its own `tojson`, and the functions `raise_exception` and `strftime_now`. Templates come from strangers, so reading and
/// rendering keep the bounds of ``ChatTemplateLimit``. Two things differ from Jinja2: `safe` leaves a string a plain
/// string, and a generator (what `selectattr` gives, say) can be gone through more than once.
public struct ChatTemplate: Sendable {
    /// The template's text.
    public let source: String
    /// What the template sees as `bos_token`.
    public let beginningOfText: String?
    /// What the template sees as `eos_token`.
    public let endOfText: String?

    private let statements: [TemplateStatement]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - source: the template, such as `chat_template` of a `tokenizer_config.json`.
    ///   - beginningOfText: the name of the token that opens a text; undefined in the template if nil.
    ///   - endOfText: the name of the token that ends a text; undefined in the template if nil.
    /// - Throws: ``ChatTemplateError`` with the line, for anything that is not in the dialect.
    public init(source: String, beginningOfText: String?, endOfText: String?) throws(ChatTemplateError) {
        self.source = source
        self.beginningOfText = beginningOfText
        self.endOfText = endOfText
        statements = try TemplateParser.parse(source)
    }

    /// The conversation as text.
    ///
    /// - Parameters:
    ///   - addingGenerationPrompt: ends with the opening of the assistant's turn, so that the model answers.
    /// - Throws: ``ChatTemplateError``, ``ChatTemplateError/raised(line:message:)`` if the template refuses the messages.
    public func render(
        _ messages: [ChatMessage],
        addingGenerationPrompt: Bool
    ) throws(ChatTemplateError) -> String {
        try render(messages, addingGenerationPrompt: addingGenerationPrompt, variables: [:])
    }

    /// The conversation as text, with variables that the model's template knows, such as `enable_thinking` or `tools`.
    ///
    /// - Parameters:
    ///   - addingGenerationPrompt: ends with the opening of the assistant's turn, so that the model answers.
    ///   - variables: values by name; one named as a standard variable (`messages`, `add_generation_prompt`, `tools`,
    ///     `documents`, `bos_token`, `eos_token`) takes its place.
    ///   - date: the day and time of `strftime_now`.
    /// - Throws: ``ChatTemplateError``.
    public func render(
        _ messages: [ChatMessage],
        addingGenerationPrompt: Bool,
        variables: [String: ChatTemplateVariable],
        date: ChatTemplateDate = .standard
    ) throws(ChatTemplateError) -> String {
        let messages = messages.map { message in
            ChatTemplateVariable.object([
                .init("role", .string(message.role)), .init("content", .string(message.content)),
            ])
        }
        // transformers gives the last two in every rendering.
        let standard: [String: ChatTemplateVariable] = [
            "messages": .array(messages), "add_generation_prompt": .boolean(addingGenerationPrompt),
            "tools": .null, "documents": .null,
        ]
        return try render(variables: standard.merging(variables) { $1 }, date: date)
    }

    /// The template with these variables only, beside the names of the two tokens.
    package func render(
        variables: [String: ChatTemplateVariable],
        date: ChatTemplateDate = .standard
    ) throws(ChatTemplateError) -> String {
        var values: [String: TemplateValue] = [:]
        if let beginningOfText { values["bos_token"] = .string(beginningOfText) }
        if let endOfText { values["eos_token"] = .string(endOfText) }
        for (name, variable) in variables {
            guard let value = TemplateValue(variable) else { throw .limitExceeded(line: 1, limit: .nesting) }
            values[name] = value
        }
        return try TemplateRenderer(variables: values, date: date).render(statements)
    }
}
