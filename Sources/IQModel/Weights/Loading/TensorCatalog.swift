// The tensors of a file by name, and the one place that compares them with what a model needs.

internal import IQTensor

/// Tensors of a file or folder, looked up by the names of the parameters. Collects every difference and throws them
/// together.
struct TensorCatalog {
    let path: String
    private let tensors: [String: StoredTensor]
    private let names: [String]

    /// - Parameter canonical: the name under which a tensor is looked up; nil for one that no model needs.
    init(path: String, tensors: [StoredTensor], canonical: (String) -> String?) {
        self.path = path
        var byName: [String: StoredTensor] = [:]
        byName.reserveCapacity(tensors.count)
        var unexpected: [String] = []
        for tensor in tensors {
            guard let name = canonical(tensor.name) else { continue }
            // A second tensor under one canonical name, such as `norm.weight` beside `model.norm.weight`.
            if byName.updateValue(tensor, forKey: name) != nil { unexpected.append(tensor.name) }
        }
        self.tensors = byName
        names = unexpected
    }

    subscript(name: String) -> StoredTensor? { tensors[name] }

    /// Checks that exactly the tensors asked for are there, with their shapes.
    func check(_ expected: [TensorMismatch.Expected]) throws(ModelError) {
        var mismatch = TensorMismatch(unexpected: names)
        var needed: Set<String> = []
        needed.reserveCapacity(expected.count)
        for item in expected {
            needed.insert(item.name)
            guard let tensor = tensors[item.name] else {
                mismatch.missing.append(item)
                continue
            }
            if tensor.shape != item.shape {
                mismatch.misshapen.append(
                    TensorMismatch.Misshapen(name: tensor.name, expected: item.shape, found: tensor.shape)
                )
            }
        }
        mismatch.unexpected += tensors.filter { !needed.contains($0.key) }.map(\.value.name)
        mismatch.unexpected.sort()
        guard mismatch.isEmpty else { throw .tensors(path: path, mismatch) }
    }
}
