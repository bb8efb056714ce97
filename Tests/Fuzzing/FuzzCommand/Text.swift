// Tokenizers and chat templates from foreign files.

import IQText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Uses a tokenizer that loaded: what was accepted must also work.
func exercise(_ tokenizer: Tokenizer) {
    let text = "Grüße, 12 news 👩‍👩‍👧 <|im_start|>a\u{301}\n\t  end"
    let tokens = tokenizer.encode(text, addingSpecialTokens: true, parsingSpecialTokens: true)
    precondition(
        tokens.allSatisfy { Int($0) >= 0 && Int($0) < tokenizer.vocabularySize },
        "token outside the vocabulary"
    )
    _ = tokenizer.decode(tokens, skippingSpecialTokens: true)
    var decoder = tokenizer.makeStreamingDecoder(skippingSpecialTokens: false)
    for token in tokens { _ = decoder.append(token) }
    _ = decoder.finish()
    for token in tokens.prefix(16) { _ = tokenizer.bytes(of: token) }
    if let template = tokenizer.chatTemplate { render(template) }
}

private func render(_ template: ChatTemplate) {
    let conversations: [[ChatMessage]] = [
        [.system("Be brief."), .user("Hello {{ x }}"), .assistant(" Hi \n")],
        [.user("ünïcode 👩‍👧")],
        [],
    ]
    for messages in conversations {
        _ = try? template.render(messages, addingGenerationPrompt: true)
    }
}

/// `tokenizer.json`.
@Sendable func fuzzTokenizer(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let tokenizer = try? Tokenizer(json: Data(buffer: bytes), configuration: nil) { exercise(tokenizer) }
}

/// The source of a chat template.
@Sendable func fuzzTemplate(_ bytes: UnsafeBufferPointer<UInt8>) {
    let source = String(decoding: bytes, as: UTF8.self)
    if let template = try? ChatTemplate(source: source, beginningOfText: "<s>", endOfText: "</s>") { render(template) }
}
