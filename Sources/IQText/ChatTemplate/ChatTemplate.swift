// A model's chat template: how a conversation becomes the text that the model was trained on.

/// A chat template in the dialect of Jinja2 that Hugging Face models carry.
public struct ChatTemplate: Sendable {
    /// The template's text.
    public let source: String
    /// What the template sees as `bos_token`.
    public let beginningOfText: String?
    /// What the template sees as `eos_token`.
    public let endOfText: String?

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
        throw .unsupported(line: 1, construct: "rendering")
    }
}
