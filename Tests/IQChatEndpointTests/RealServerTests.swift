import Foundation
import IQChatEndpoint
import IQPolicy
import Testing

/// The judge against llama.cpp's server, as PyPI has it.
struct RealServerTests {
    private static let environment = ProcessInfo.processInfo.environment

    private static let server: (python: String, model: String)? = {
        guard let peers = environment["INTEREST_QUERY_PEERS"], let models = environment["INTEREST_QUERY_MODELS"] else {
            return nil
        }
        let python = peers + "/bin/python"
        let model = models + "/SmolLM2-135M-Instruct.Q4_1.gguf"
        let hasServer =
            FileManager.default.isExecutableFile(atPath: python) && FileManager.default.fileExists(atPath: model)
        return hasServer ? (python, model) : nil
    }()

    @Test(
        .enabled(
            if: server != nil,
            "needs INTEREST_QUERY_PEERS with llama-cpp-python[server], and INTEREST_QUERY_MODELS"
        ),
        .timeLimit(.minutes(5))
    )
    func `a real server judges`() async throws {
        let server = try #require(Self.server)
        let url = try TestServer.deadURL()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: server.python)
        process.arguments = [
            "-m", "llama_cpp.server", "--model", server.model, "--host", "127.0.0.1", "--port", "\(url.port ?? 0)",
            "--n_ctx", "1024", "--logits_all", "true",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            // Asked politely, it would wait until all connections are closed.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        // The server takes a while to read its model; refused connections are what retries are for.
        let rubric = Rubric(name: "fruit", question: "Is an apple a fruit?")
        let questions = ["An apple.", "One more apple."].map { RubricQuestion(rubric: rubric, material: $0) }
        func judge(_ answer: ChatEndpointOptions.Answer) throws -> ChatEndpointJudge {
            ChatEndpointJudge(
                try ChatEndpointOptions(
                    baseURL: url,
                    model: "any",
                    answer: answer,
                    timeout: .seconds(60),
                    retries: 20,
                    retryDelay: .milliseconds(200)
                )
            )
        }
        let probabilities = try await judge(.yesOrNo(probabilities: true)).scores(of: questions)
        #expect(probabilities.count == 2)
        for score in probabilities {
            let score = try #require(score)
            // A probability, and not just 0 or 1: the server's candidates were read.
            #expect(score > 0 && score < 1, "\(score)")
        }
    }
}
