// A frozen model that a student learns from.

package import IQModel
internal import IQTensor
package import IQText
package import IQTraining

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A teacher in this process: it scores packed batches, and writes completions where it is asked to. Not Sendable.
package final class TeacherModel {
    package let name: String
    package let configuration: DecoderConfiguration
    package let tokenizer: Tokenizer?
    package let pass: DecoderTrainingPass
    package let head: VocabularyHead
    private let decoder: DecoderModel
    private let context: ComputeContext
    private var engine: RolloutEngine?

    /// Reads a teacher for a student's session: its weights in f32, its products in the session's precision.
    ///
    /// - Throws: ``ModelError``, ``GenerationError/notADecoder(architecture:)``, ``TensorError``, and
    ///   ``DistillationError/differentVocabularies(student:teacher:difference:)``.
    package init(name: String, modelAt url: URL, for session: TrainingSession) throws {
        let loaded = try loadModel(at: url, precision: .converted(.f32), context: session.context)
        guard case .decoder(let configuration, let weights) = loaded.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
        }
        try Self.compare(
            student: (session.configuration.vocabularySize, session.tokenizer),
            teacher: (configuration.vocabularySize, loaded.tokenizer)
        )
        self.name = name
        self.configuration = configuration
        tokenizer = loaded.tokenizer
        context = session.context
        decoder = try DecoderModel(configuration: configuration, weights: weights)
        let step = TrainingStep(context: session.context, precision: session.settings.precision)
        let rows = session.settings.tokensPerMicroBatch
        pass = try DecoderTrainingPass(model: decoder, capacity: rows, recording: .nothing, step: step)
        head = try VocabularyHead(model: decoder, rows: rows, step: step)
    }

    /// The engine that samples the teacher; made when it is first needed, for its caches take memory.
    func engine(options: RolloutOptions, grammar: TokenGrammar?, groupSize: Int) throws -> RolloutEngine {
        if let engine { return engine }
        let made = try RolloutEngine(
            frozen: decoder,
            tokenizer: tokenizer,
            context: context,
            options: options,
            grammar: grammar,
            groupSize: groupSize
        )
        engine = made
        return made
    }

    /// Refuses models that number tokens differently: a divergence between them would be of unlike things.
    package static func compare(
        student: (size: Int, tokenizer: Tokenizer?),
        teacher: (size: Int, tokenizer: Tokenizer?)
    ) throws(DistillationError) {
        func refuse(_ difference: String) -> DistillationError {
            .differentVocabularies(student: student.size, teacher: teacher.size, difference: difference)
        }
        guard student.size == teacher.size else { throw refuse("their output heads differ in size") }
        guard let own = student.tokenizer, let other = teacher.tokenizer else { return }
        for number in 0..<student.size {
            let token = TokenID(number)
            let (known, knownThere) = (number < own.vocabularySize, number < other.vocabularySize)
            // Rows of padding behind the last token of either.
            guard known || knownThere else { break }
            guard known && knownThere else { throw refuse("token \(number) is in one of the two tokenizers only") }
            let (name, nameThere) = (own.name(of: token), other.name(of: token))
            if name != nameThere {
                throw refuse("token \(number) is \(name.debugDescription) and \(nameThere.debugDescription)")
            }
        }
    }
}
