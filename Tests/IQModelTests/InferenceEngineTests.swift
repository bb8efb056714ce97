// The engine as apps see it: streams, cancellation, turns, errors. Runs on a tiny recorded model.

import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

@Suite struct InferenceEngineTests {
    private func engine(maximumBatch: Int = 8) throws -> InferenceEngine {
        let context = try ComputeContext(threads: 1)
        var model = try loadModel(at: GoldenFiles.url("llama_tied"), precision: .stored, context: context)
        model.tokenizer = try TinyTokenizer.make()
        return try InferenceEngine(
            model: model,
            options: try EngineOptions(compute: try ComputeOptions(threads: 2), maximumBatch: maximumBatch)
        )
    }

    private func options(_ maximumTokens: Int = 20, seed: UInt64 = 3) throws -> GenerationOptions {
        var options = try GenerationOptions(maximumTokens: maximumTokens, seed: seed)
        options.stopsAtEndOfText = false
        return options
    }

    @Test func fragmentsJoinToTheText() async throws {
        let engine = try engine()
        var joined = ""
        var text: String?
        for try await event in engine.generate(.text("What is new?"), options: try options()) {
            switch event {
            case .token(let token): joined += token.text
            case .sequenceFinished(let sequence): text = sequence.text
            default: break
            }
        }
        #expect(text == joined)
        #expect(!joined.isEmpty && !joined.contains("<|end|>"))
    }

    @Test func chatGoesThroughTheTemplate() throws {
        let engine = try engine()
        #expect(engine.information.hasChatTemplate)
        let tokens = try engine.tokens(of: .chat([.user("Hi")]))
        #expect(engine.tokenizer.decode(tokens) == "<user>Hi\n<assistant>")
    }

    @Test func stopStringsEndTheText() async throws {
        let engine = try engine()
        let free = try await engine.generate(.text("abc"), options: try options(40)).sequences()[0].text
        let stop = String(free.dropFirst(10).prefix(2))
        var stopping = try options(40)
        stopping.stopStrings = [stop]
        let stopped = try await engine.generate(.text("abc"), options: stopping).sequences()[0]
        #expect(stopped.reason == .stopString)
        #expect(!stopped.text.contains(stop))
        #expect(free.hasPrefix(stopped.text + stop))
    }

    /// Cancelling is no error: what there is arrives, and the stream ends.
    @Test func aCancelledTaskGetsWhatThereIs() async throws {
        let engine = try engine()
        let stream = engine.generate(.text("abc"), options: try options(100))
        let task = Task {
            var events: [GenerationEvent] = []
            for try await event in stream {
                events.append(event)
                if events.count == 6 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return events
        }
        let events = try await task.value
        guard case .finished(let summary) = try #require(events.last) else {
            Issue.record("no summary")
            return
        }
        #expect(summary.reasons == [.cancelled])
        #expect(summary.generatedTokens < 100)
        // The engine is free for the next one.
        #expect(try await engine.generate(.text("abc"), options: try options(3)).sequences()[0].tokens.count == 3)
    }

    @Test func anIteratorThatIsDroppedFreesItsSession() async throws {
        let engine = try engine()
        for _ in 0..<5 {
            for try await _ in engine.generate(.text("abc"), options: try options(100)) { break }
        }
        // Sessions end in tasks of their own; wait for them, but not for ever.
        for _ in 0..<200 where await engine.sessionCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await engine.sessionCount == 0)
    }

    @Test func generationsAtTheSameTimeDoNotDisturbEachOther() async throws {
        let engine = try engine()
        let prompts = ["one", "two", "three", "four"]
        var alone: [[TokenID]] = []
        for prompt in prompts {
            alone.append(try await engine.generate(.text(prompt), options: try options()).sequences()[0].tokens)
        }
        let together = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for (index, prompt) in prompts.enumerated() {
                let stream = engine.generate(.text(prompt), options: try options())
                group.addTask { (index, try await stream.sequences()[0].tokens) }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        for (index, tokens) in alone.enumerated() { #expect(together[index] == tokens) }
    }

    @Test func groupMembersEqualSinglesOfTheirStream() async throws {
        let engine = try engine()
        let first = try await engine.generate(.text("abc"), group: 4, options: try options()).sequences()
        let second = try await engine.generate(.text("abc"), group: 4, options: try options()).sequences()
        #expect(first == second)
        #expect(Set(first.map(\.tokens)).count > 1)
        #expect(
            try await engine.generate(.text("abc"), options: try options()).sequences()[0].tokens == first[0].tokens
        )
    }

    @Test func badPromptsThrowWhenTheStreamIsRead() async throws {
        let engine = try engine()
        await #expect(throws: GenerationError.emptyPrompt) {
            _ = try await engine.generate(.text(""), options: try options()).sequences()
        }
        await #expect(throws: GenerationError.emptyBatch) {
            _ = try await engine.generate([], options: try options()).sequences()
        }
        await #expect(throws: GenerationError.tokenOutOfRange(97, vocabularySize: 97)) {
            _ = try await engine.generate(.tokens([97]), options: try options()).sequences()
        }
        await #expect(throws: GenerationError.promptTooLong(tokens: 300, context: 128)) {
            _ = try await engine.generate(.text(String(repeating: "a", count: 300)), options: try options())
                .sequences()
        }
    }

    @Test func aModelThatIsNotThereSaysSo() async throws {
        let url = GoldenFiles.url("no-such-model")
        await #expect(throws: ModelError.notFound(path: url.path)) { _ = try await InferenceEngine(modelAt: url) }
    }
}
