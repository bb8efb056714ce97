internal import IQText
struct ChatTemplateStub { func render(_ m: [ChatMessage], addingGenerationPrompt: Bool) throws -> String { "" } }
extension Tokenizer { var chatTemplate: ChatTemplateStub? { nil } }
extension TokenGrammar { var vocabularySize: Int { 0 } }
