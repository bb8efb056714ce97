// Which exit code and which line an error becomes. The codes are those of BSD's sysexits.h.

internal import ArgumentParser
internal import IQNewsIndex
internal import IQStudy
internal import InterestQueryKit

/// The end of a command that failed.
struct CommandFailure: Error, Equatable {
    /// What to say; nil says nothing.
    let message: String?
    let code: Int32

    static let usage: Int32 = 64
    static let data: Int32 = 65
    static let missingInput: Int32 = 66
    static let internalFailure: Int32 = 70
    static let cannotCreate: Int32 = 73

    /// The user pressed Ctrl-C; what was there has been printed.
    static let interrupted = CommandFailure(message: nil, code: 130)
    /// The reader of the standard output went away, as `head` does; 128 + SIGPIPE, as if the signal had come.
    static let outputClosed = CommandFailure(message: nil, code: 141)

    init(message: String?, code: Int32) {
        self.message = message
        self.code = code
    }

    /// The failure that an error of the library stands for; nil for an error of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error
        case is CancellationError: self = .interrupted
        case let error as SignalFileError: self.init(message: error.description, code: Self.code(error))
        case let error as ModelError: self.init(message: error.description, code: Self.code(error))
        case let error as GenerationError: self.init(message: error.description, code: Self.code(error))
        case let error as TensorError: self.init(message: error.description, code: Self.code(error))
        case let error as CollectiveError: self.init(message: error.description, code: Self.code(error))
        case let error as CheckpointError: self.init(message: error.description, code: Self.code(error))
        case let error as RunLogError: self.init(message: error.description, code: Self.code(error))
        case let error as EvaluationError: self.init(message: error.description, code: Self.data)
        case let error as VectorIndexError: self.init(message: error.description, code: Self.data)
        case let error as NewsIndexError: self.init(message: error.description, code: Self.code(error))
        case let error as CleaningError: self.init(message: error.description, code: Self.code(error))
        case let error as SignalError: self.init(message: error.description, code: Self.usage)
        case let error as EncoderError: self.init(message: error.description, code: Self.data)
        case let error as InterestQueryError: self.init(message: error.description, code: Self.usage)
        case let error as GRPOError: self.init(message: error.description, code: Self.usage)
        case let error as PolicyError: self.init(message: error.description, code: Self.usage)
        case let error as RewardError: self.init(message: error.description, code: Self.usage)
        case let error as RewardFailure: self.init(message: error.description, code: Self.internalFailure)
        case let error as AdapterError: self.init(message: error.description, code: Self.usage)
        case let error as DistillationError: self.init(message: error.description, code: Self.usage)
        case let error as SelectionError: self.init(message: error.description, code: Self.usage)
        case let error as SamplingError: self.init(message: error.description, code: Self.usage)
        case let error as GrammarError: self.init(message: error.description, code: Self.data)
        case let error as ChatTemplateError: self.init(message: error.description, code: Self.data)
        case let error as TokenizerError: self.init(message: error.description, code: Self.data)
        case let error as TrainingError: self.init(message: error.description, code: Self.code(error))
        case let error as StudyError: self.init(message: error.description, code: Self.code(error))
        case let error as PairFileError: self.init(message: error.description, code: Self.code(error))
        case is ValidationError, is CleanExit, is ExitCode: return nil
        // Parsing errors have no public type; they come before anything runs and say their own exit code.
        case _ where InterestQueryCommand.exitCode(for: error) == .validationFailure: return nil
        case _ where InterestQueryCommand.exitCode(for: error) == .success: return nil
        default: self.init(message: "\(error)", code: Self.internalFailure)
        }
    }

    private static func code(_ error: SignalFileError) -> Int32 {
        switch error {
        case .notFound, .unreadable: missingInput
        case .invalidLine: data
        }
    }

    private static func code(_ error: CleaningError) -> Int32 {
        switch error {
        case .unknownLabels, .invalidOption: usage
        case .notEnoughLines, .notAHead, .encoderMismatch, .dimensionMismatch: data
        case .notFinite: internalFailure
        }
    }

    private static func code(_ error: NewsIndexError) -> Int32 {
        switch error {
        case .notFound, .busy: missingInput
        case .notAnIndex, .unsupportedVersion, .damaged, .modelMismatch, .dimensionMismatch: data
        case .noEmbedder, .settingsMismatch, .invalidLimit: usage
        case .system: cannotCreate
        case .graph: internalFailure
        }
    }

    private static func code(_ error: ModelError) -> Int32 {
        switch error {
        case .notFound, .notReadable, .missingFile: missingInput
        case .notWritable: cannotCreate
        case .unsupportedConversion, .ambiguousFolder: usage
        case .tensor(let error): code(error)
        default: data
        }
    }

    private static func code(_ error: GenerationError) -> Int32 {
        switch error {
        case .notADecoder, .noChatTemplate, .notFinite: data
        case .grammarDeadEnd, .grammarVocabularyMismatch: internalFailure
        default: usage
        }
    }

    private static func code(_ error: CollectiveError) -> Int32 {
        switch error {
        case .notCompiledIn: usage
        case .differentOperations, .differentSizes, .failed: internalFailure
        }
    }

    private static func code(_ error: TrainingError) -> Int32 {
        switch error {
        case .invalidOption, .notTheSameRun, .busy: usage
        case .noPairs, .invalidPair: data
        case .notFinite, .notEnoughMemory: internalFailure
        }
    }

    private static func code(_ error: StudyError) -> Int32 {
        switch error {
        case .invalidStageName, .duplicateStage, .failed, .notStarted: internalFailure
        case .unknownStage, .changed: usage
        case .missing: missingInput
        case .file: cannotCreate
        }
    }

    private static func code(_ error: PairFileError) -> Int32 {
        switch error {
        case .notFound, .notReadable: missingInput
        case .invalidLine: data
        }
    }

    private static func code(_ error: CheckpointError) -> Int32 {
        switch error {
        case .invalidKeeping: usage
        case .none, .notReadable: missingInput
        case .notWritable, .diskFull, .inUse: cannotCreate
        case .notEncodable: internalFailure
        default: data
        }
    }

    private static func code(_ error: RunLogError) -> Int32 {
        switch error {
        case .missing, .notReadable: missingInput
        case .alreadyThere, .notWritable, .diskFull: cannotCreate
        case .malformedLine, .malformed: data
        }
    }

    private static func code(_ error: TensorError) -> Int32 {
        switch error {
        case .invalidThreadCount, .unsupportedLevel: usage
        default: internalFailure
        }
    }
}
