// What was measured at a step, and its line of JSON (RFC 8259; one object to a line).

internal import IQModel
internal import IQText

/// The measurements of one optimiser step.
package struct MetricRecord: Sendable, Equatable {
    package struct Metric: Sendable, Equatable {
        package var name: String
        /// May be infinite or no number; such values are null in the file.
        package var value: Double

        package init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// Optimiser steps done, this one included.
    package var step: Int
    /// Seconds of training so far, earlier parts of a resumed run included.
    package var seconds: Double
    /// Tokens trained on so far.
    package var tokens: Int
    /// In the order given.
    package var metrics: [Metric]

    package init(step: Int, seconds: Double, tokens: Int, metrics: [Metric]) {
        for metric in metrics {
            precondition(!Self.reservedNames.contains(metric.name), "\(metric.name) cannot be the name of a metric")
        }
        self.step = step
        self.seconds = seconds
        self.tokens = tokens
        self.metrics = metrics
    }

    /// The value of a name.
    package subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }

    private static let reservedNames = ["step", "seconds", "tokens"]

    /// The record as one line, its newline included.
    var line: [UInt8] {
        var text = Array("{\"step\": \(step), \"seconds\": \(Self.rounded(seconds)), \"tokens\": \(tokens)".utf8)
        for metric in metrics {
            text += Array(", ".utf8)
            JSONText.writeString(metric.name, to: &text)
            text += Array(": \(metric.value.isFinite ? metric.value.description : "null")".utf8)
        }
        text += Array("}\n".utf8)
        return text
    }

    /// To microseconds: a clock says no more.
    private static func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }

    /// - Throws: why the line is no record, in words.
    init(line: some Collection<UInt8>) throws(MetricLineFault) {
        let document: JSONDocument
        do {
            document = try JSONDocument(Array(line), maximumDepth: 4)
        } catch {
            throw MetricLineFault(reason: "it is not JSON: \(error)")
        }
        guard let members = document.root.members else { throw MetricLineFault(reason: "it is not an object") }
        guard let step = document.root["step"]?.integer, step >= 0 else {
            throw MetricLineFault(reason: "it has no step")
        }
        self.step = step
        seconds = document.root["seconds"]?.double ?? 0
        tokens = document.root["tokens"]?.integer ?? 0
        metrics = []
        for (key, value) in members {
            guard let name = key.string, !Self.reservedNames.contains(name) else { continue }
            guard value.isNull || value.double != nil else {
                throw MetricLineFault(reason: "\(name) is \(value.kindName), not a number")
            }
            metrics.append(Metric(name, value.double ?? .nan))
        }
    }
}

/// Why a line is no record.
struct MetricLineFault: Error, Equatable {
    var reason: String
}
