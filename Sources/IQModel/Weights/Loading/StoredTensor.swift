// A tensor as a file holds it, whichever kind of file that is.

package import IQTensor

/// A tensor in a mapped file: checked to lie within it, not yet given a meaning.
package struct StoredTensor: Sendable {
    package enum Kind: Sendable, Equatable {
        case number(NumberFormat)
        /// A type that no weight has here (integers, booleans); its bytes are left alone.
        case other(String)
    }

    package let name: String
    package let kind: Kind
    /// Outermost dimension first; the last one is contiguous.
    package let shape: [Int]
    package let storage: TensorStorage
    package let byteOffset: Int
    package let byteCount: Int
}
