// What one task prepares for another one, a few elements ahead.

/// Makes elements in a task of its own and sends them through a channel, as long as there are some. Stops when it goes away.
final class ChannelFeed<Element: Sendable>: Sendable {
    let channel: BoundedChannel<Element>
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - capacity: elements that wait in the channel at most; one more may be in the task's hand.
    ///   - next: makes the next element; nil is the end. An error ends the channel behind the elements before.
    init(capacity: Int, next: @escaping @Sendable () async throws -> Element?) {
        let channel = BoundedChannel<Element>(capacity: capacity)
        self.channel = channel
        task = Task {
            do {
                while !Task.isCancelled, let element = try await next() {
                    guard await channel.send(element) else { return }
                }
                channel.finish()
            } catch {
                channel.finish(throwing: error)
            }
        }
    }

    deinit { stop() }

    func stop() {
        task.cancel()
        channel.finish()
    }
}
