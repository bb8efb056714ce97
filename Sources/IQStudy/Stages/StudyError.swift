// What goes wrong in a study.

package enum StudyError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidStageName(String)
    case duplicateStage(String)
    case unknownStage(String, known: [String])
    /// A stage was done, or begun, with another command or other inputs than it has now.
    case changed(stage: String, reason: String)
    /// A stage's command ended with another code than 0.
    case failed(stage: String, code: Int32, log: String, lastLines: String)
    /// A stage says that it is done, and a file that it should have written is not there.
    case missing(file: String, stage: String)
    /// A file of the study cannot be read or written.
    case file(path: String, reason: String)
    /// The program cannot be started.
    case notStarted(program: String, reason: String)

    package var description: String {
        switch self {
        case .invalidStageName(let name):
            "'\(name)' cannot name a stage; give lower-case letters, digits and hyphens"
        case .duplicateStage(let name): "the stage \(name) is there twice"
        case .unknownStage(let name, let known):
            "there is no stage \(name); there are " + known.joined(separator: ", ")
        case .changed(let stage, let reason):
            "the stage \(stage) is not as it was: \(reason). --redo \(stage) does it and all that need it again, --redo-changed "
                + "all that changed"
        case .failed(let stage, let code, let log, let lastLines):
            "the stage \(stage) ended with code \(code); \(log) ends with: \(lastLines)"
        case .missing(let file, let stage):
            "\(file), which the stage \(stage) wrote, is not there; --redo \(stage) makes it again"
        case .file(let path, let reason): "\(path): \(reason)"
        case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
        }
    }
}
