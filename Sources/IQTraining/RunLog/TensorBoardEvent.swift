// The records that TensorBoard reads, byte for byte: four small messages of tensorflow's `event.proto` and `summary.proto`
// in the wire format of protocol buffers, each in the frame of a TFRecord.

internal import IQTensor

/// One event of a log for TensorBoard.
struct TensorBoardEvent {
    enum Content {
        /// The first event of every file.
        case fileVersion
        /// A run starts or goes on; what was logged for this step or later ones before is void.
        case sessionStart
        case metrics([MetricRecord.Metric])
    }

    /// Seconds since 1970.
    var wallTime: Double
    var step: Int
    var content: Content

    /// The version of the event format that knows session starts.
    private static let fileVersion = "brain.Event:2"

    /// Field numbers of the messages.
    private enum Field {
        static let wallTime = 1, step = 2, fileVersion = 3, summary = 5, sessionLog = 7
        static let value = 1
        static let tag = 1, simpleValue = 2
        static let status = 1
    }
    /// `SessionLog.START`.
    private static let startStatus: UInt64 = 1

    /// The message.
    var message: [UInt8] {
        var event = ProtocolBuffer()
        event.add(Field.wallTime, wallTime)
        if step != 0 { event.add(Field.step, UInt64(bitPattern: Int64(step))) }
        switch content {
        case .fileVersion: event.add(Field.fileVersion, Array(Self.fileVersion.utf8))
        case .sessionStart:
            var session = ProtocolBuffer()
            session.add(Field.status, Self.startStatus)
            event.add(Field.sessionLog, session.bytes)
        case .metrics(let metrics):
            var summary = ProtocolBuffer()
            for metric in metrics {
                var value = ProtocolBuffer()
                value.add(Field.tag, Array(metric.name.utf8))
                value.add(Field.simpleValue, Float(metric.value))
                summary.add(Field.value, value.bytes)
            }
            event.add(Field.summary, summary.bytes)
        }
        return event.bytes
    }

    /// The message in its frame: length, checksum of the length, message, checksum of the message.
    var record: [UInt8] {
        let message = message
        let length = littleEndian(UInt64(message.count))
        return length + littleEndian(Self.masked(CRC32C(length).value)) + message
            + littleEndian(Self.masked(CRC32C(message).value))
    }

    /// TFRecords turn and shift their checksums, so that a checksum of bytes that hold checksums stays a good one.
    static func masked(_ crc: UInt32) -> UInt32 { (crc >> 15 | crc << 17) &+ 0xA282_EAD8 }
}

/// A message in the wire format of protocol buffers.
private struct ProtocolBuffer {
    private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 { case varint = 0, eightBytes = 1, lengthDelimited = 2, fourBytes = 5 }

    mutating func add(_ field: Int, _ value: UInt64) {
        addTag(field, .varint)
        addVarint(value)
    }

    mutating func add(_ field: Int, _ value: Double) {
        addTag(field, .eightBytes)
        bytes += littleEndian(value.bitPattern)
    }

    mutating func add(_ field: Int, _ value: Float) {
        addTag(field, .fourBytes)
        bytes += littleEndian(value.bitPattern)
    }

    /// A string, bytes, or a message.
    mutating func add(_ field: Int, _ value: [UInt8]) {
        addTag(field, .lengthDelimited)
        addVarint(UInt64(value.count))
        bytes += value
    }

    private mutating func addTag(_ field: Int, _ type: WireType) { addVarint(UInt64(field) << 3 | type.rawValue) }

    /// Seven bits to a byte, the lowest first; the top bit says that more follow.
    private mutating func addVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
