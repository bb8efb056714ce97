// A queue between two tasks that holds no more than a few elements.

internal import Synchronization

/// Passes elements from one task to another one; who sends waits while the queue is full.
///
/// One task sends and one receives. Ends when the sender finishes it or the receiver goes away.
final class BoundedChannel<Element: Sendable>: Sendable {
    /// What a look into the queue finds.
    enum Received {
        case element(Element)
        /// Nothing yet.
        case nothing
        /// Nothing any more; the error that ended the sender's work, if one did.
        case end((any Error)?)
    }

    private struct State {
        /// In order; never more than the capacity.
        var elements: [Element] = []
        var isFinished = false
        var error: (any Error)?
        var waitingSender: CheckedContinuation<Void, Never>?
        var waitingReceiver: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        precondition(capacity >= 1, "a queue of \(capacity)")
        self.capacity = capacity
    }

    /// Adds an element, after waiting for room.
    ///
    /// - Returns: false if the channel is finished and the element lost.
    func send(_ element: Element) async -> Bool {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.isFinished || state.elements.count < capacity { return true }
                state.waitingSender = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
        let (isSent, receiver) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isFinished else { return (false, nil) }
            state.elements.append(element)
            defer { state.waitingReceiver = nil }
            return (true, state.waitingReceiver)
        }
        receiver?.resume()
        return isSent
    }

    /// Says that nothing more comes, and wakes whoever waits. The first error counts.
    func finish(throwing error: (any Error)? = nil) {
        let waiting = state.withLock { state in
            if !state.isFinished { state.error = error }
            state.isFinished = true
            let waiting = [state.waitingSender, state.waitingReceiver]
            (state.waitingSender, state.waitingReceiver) = (nil, nil)
            return waiting
        }
        for continuation in waiting { continuation?.resume() }
    }

    /// The next element, if it is there.
    func receive() -> Received {
        let (received, sender) = state.withLock { state -> (Received, CheckedContinuation<Void, Never>?) in
            guard !state.elements.isEmpty else { return (state.isFinished ? .end(state.error) : .nothing, nil) }
            defer { state.waitingSender = nil }
            return (.element(state.elements.removeFirst()), state.waitingSender)
        }
        sender?.resume()
        return received
    }

    /// Waits until ``receive()`` finds an element or the end, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.elements.isEmpty || state.isFinished { return true }
                    state.waitingReceiver = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            finish(throwing: CancellationError())
        }
    }
}
