// A child that runs one command, in a process group of its own, so that a terminal's Ctrl-C comes once and in good order.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A process that was started and not waited for yet.
struct ChildProcess: ~Copyable {
    let identifier: pid_t

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: without the program's name.
    ///   - output: the file that takes the standard output anew; nil sends it where the errors go.
    ///   - log: the file that the standard error is added to.
    init(program: String, arguments: [String], output: String?, log: String) throws(StudyError) {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        if let output {
            posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 2, 1)
        }
        // What this process ignores or blocks would be ignored and blocked by the child too.
        var (defaults, blocked) = (sigset_t(), sigset_t())
        sigemptyset(&blocked)
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGPIPE, SIGTERM] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP)
        )
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, &attributes, words, environ)
        guard code == 0 else { throw .notStarted(program: program, reason: String(cString: strerror(code))) }
        self.identifier = identifier
    }

    /// The code that it ended with, 128 and the signal's number if one ended it; nil while it runs.
    func poll() -> Int32? {
        var status: Int32 = 0
        while true {
            let result = waitpid(identifier, &status, WNOHANG)
            if result == 0 { return nil }
            if result < 0 {
                if errno == EINTR { continue }
                // Somebody else waited for it: nothing is known of its end.
                return 127
            }
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
    }

    /// Asks it to end in good order.
    func interrupt() { kill(identifier, SIGINT) }
}

/// A lock on a stage's folder that lives as long as this process or its child does, for the child inherits it: a study that was
/// killed leaves a child behind, which must be waited for.
final class StageLock {
    private let descriptor: Int32

    /// - Parameter isBusy: called again and again while another process holds the lock; what it throws ends the waiting.
    init(path: String, isBusy: () throws -> Void) throws {
        // Without O_CLOEXEC, so that the child holds it too.
        descriptor = open(path, O_RDWR | O_CREAT, 0o644)
        guard descriptor >= 0 else {
            throw StudyError.file(path: path, reason: String(cString: strerror(errno)))
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            // A file system without locks has to do without.
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            do { try isBusy() } catch {
                close(descriptor)
                throw error
            }
            usleep(200_000)
        }
    }

    deinit { close(descriptor) }
}
