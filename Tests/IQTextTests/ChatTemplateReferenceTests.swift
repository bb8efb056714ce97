// Chat templates against Jinja2: what `Scripts/record-template-cases.py` recorded.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing
import _IQTestSupport

@Suite("Chat templates give what Jinja2 gave")
struct ChatTemplateReferenceTests {
    @Test("every construct of the language")
    func constructs() throws {
        let cases = try RecordedCases.load("chat-template-cases.json")
        #expect(cases.count >= 300)
        for recorded in cases { expectRecorded(recorded, template: recorded.template) }
    }

    @Test("whole templates, with conversations, tools and thinking")
    func wholeTemplates() throws {
        let cases = try RecordedCases.load("chat-template-renderings.json")
        #expect(cases.count >= 180)
        for recorded in cases {
            expectRecorded(recorded, template: try RecordedCases.template(recorded.template))
        }
    }
}

@Suite("SmolLM2's chat template Golden")
struct ChatTemplateGoldenTests {
    @Test("renders what transformers rendered")
    func smolLM2() throws {
        let root = try JSONDocument([UInt8](try GoldenFiles.data("tokenizer/smollm2.json"))).root
        let template = try ChatTemplate(
            source: try #require(root["chat_template"]?.string),
            beginningOfText: root["bos"]?.string,
            endOfText: root["eos"]?.string
        )
        let chats = try #require(root["chat"]?.elements)
        var count = 0
        for chat in chats {
            let messages = try #require(chat["messages"]?.elements).map {
                ChatMessage(role: try #require($0["role"]?.string), content: try #require($0["content"]?.string))
            }
            let addsPrompt = try #require(chat["add_generation_prompt"]?.bool as Bool?)
            #expect(try template.render(messages, addingGenerationPrompt: addsPrompt) == chat["text"]?.string)
            count += 1
        }
        #expect(count == 10)
    }
}
