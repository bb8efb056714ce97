import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server on this machine that answers requests as a test says, each on a thread of its own.
final class TestServer: Sendable {
    /// What becomes of a request.
    enum Reply: Sendable {
        case answer(Int, headers: [String] = [], body: String)
        /// The text of a completion.
        case text(String)
        /// These bytes as they are, then the end of the connection.
        case raw(String)
        /// Nothing, until the server stops.
        case silence
        /// The text of a completion, after a while.
        case late(milliseconds: UInt32, text: String)
    }

    private struct State {
        var requests: [String] = []
        var underWay = 0
        var mostUnderWay = 0
        var isStopped = false
    }

    let url: URL
    private let listener: Int32
    private let state = Mutex(State())
    private let reply: @Sendable (_ request: Int) -> Reply

    /// - Parameter reply: to the request of this number, counted from 1 in the order of arrival.
    init(_ reply: @escaping @Sendable (_ request: Int) -> Reply) throws {
        self.reply = reply
        // A client that gave up must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let (descriptor, url) = try Self.listening()
        listener = descriptor
        self.url = url
        Thread.detachNewThread { self.acceptAll() }
    }

    /// Ends all waiting.
    func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Heads and bodies, in the order of arrival.
    var requests: [String] { state.withLock { $0.requests } }
    /// The most requests that were under way at a time.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    /// An address at which nobody listens.
    static func deadURL() throws -> URL {
        let (descriptor, url) = try listening()
        close(descriptor)
        return url
    }

    private static func listening() throws -> (descriptor: Int32, url: URL) {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        guard descriptor >= 0, isListening, let url = URL(string: "http://127.0.0.1:\(port)/v1") else {
            throw POSIXError(.EADDRNOTAVAIL)
        }
        return (descriptor, url)
    }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { self.serve(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        guard let request = Self.read(connection) else { return }
        let number = state.withLock { state in
            state.requests.append(request)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.requests.count
        }
        let text: String
        switch reply(number) {
        case .answer(let status, let headers, let body): text = Self.response(status, headers, body)
        case .text(let answer): text = Self.response(200, [], Self.completion(answer))
        case .raw(let bytes): text = bytes
        case .late(let milliseconds, let answer):
            usleep(milliseconds * 1000)
            text = Self.response(200, [], Self.completion(answer))
        case .silence:
            while !state.withLock({ $0.isStopped }) { usleep(5000) }
            text = ""
        }
        // Before the answer is out: the client may ask anew as soon as it has it.
        state.withLock { $0.underWay -= 1 }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// The head and as much of a body as its `Content-Length` says.
    private static func read(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)) }
                if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }

    private static func response(_ status: Int, _ headers: [String], _ body: String) -> String {
        ([
            "HTTP/1.1 \(status) X", "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
            "Connection: close",
        ]
            + headers + ["", body]).joined(separator: "\r\n")
    }

    static func completion(_ text: String) -> String {
        "{\"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"\(text)\"}}]}"
    }
}
