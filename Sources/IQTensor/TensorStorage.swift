// The only place that allocates or maps memory for weights, and the only one that frees it.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Bytes that never change once made: a read-only file mapping, or memory that was filled before it was shared.
///
/// Sendable although it holds a pointer: the bytes are written only inside ``allocate(byteCount:fill:)``, before any
/// other code can see the object, and are read-only from then on. The one exception is the view that ``MutableStorage``
/// makes of its own memory: it stays with the owner of that memory, who is not Sendable.
package final class TensorStorage: @unchecked Sendable {
    private enum Origin {
        case mapped, allocated
        /// Another object's memory, kept alive.
        case viewed(FloatBuffer)
    }

    private let base: UnsafeMutableRawPointer
    private let origin: Origin
    /// Number of readable bytes.
    package let byteCount: Int

    /// Memory starts at a multiple of this, so that vector loads of whole rows are aligned.
    package static let alignment = 64

    private init(base: UnsafeMutableRawPointer, byteCount: Int, origin: Origin) {
        self.base = base
        self.byteCount = byteCount
        self.origin = origin
    }

    deinit {
        switch origin {
        case .mapped: munmap(base, byteCount)
        case .allocated: free(base)
        case .viewed: break
        }
    }

    /// A view of memory that its owner may still change.
    convenience init(viewing buffer: FloatBuffer) {
        self.init(
            base: UnsafeMutableRawPointer(buffer.base),
            byteCount: buffer.count * MemoryLayout<Float>.stride,
            origin: .viewed(buffer)
        )
    }

    /// Maps a whole file read-only. The file's pages are shared with other processes and loaded on first use.
    package static func map(path: String) throws(TensorError) -> TensorStorage {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fileNotReadable(path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fileNotReadable(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .fileNotReadable(path: path, code: EISDIR) }
        let byteCount = Int(status.st_size)
        guard byteCount > 0 else { throw .emptyFile(path: path) }
        guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .fileNotReadable(path: path, code: errno)
        }
        return TensorStorage(base: base, byteCount: byteCount, origin: .mapped)
    }

    /// Allocates memory, lets `fill` write it, and freezes it.
    ///
    /// - Parameter isZeroed: false where `fill` writes every byte before anybody reads it.
    package static func allocate(
        byteCount: Int,
        isZeroed: Bool = true,
        fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> TensorStorage {
        let base = try allocateAligned(byteCount: byteCount, isZeroed: isZeroed)
        let storage = TensorStorage(base: base, byteCount: byteCount, origin: .allocated)
        try fill(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
        return storage
    }

    /// Tells the system that these bytes are not needed soon: of a mapped file, whole pages within the range stop counting as
    /// this process's memory, and are read again if somebody asks for them. Does nothing for allocated memory.
    func releasePages(_ range: Range<Int>) {
        guard case .mapped = origin else { return }
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes \(range) of \(byteCount)")
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard start < end else { return }
        // Advice: nothing is lost where the system does not take it.
        _ = madvise(base + start, end - start, MADV_DONTNEED)
    }

    /// Lends the bytes for the length of the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: byteCount))
    }

    /// The address of a byte; kernels read from it while the caller keeps this object alive.
    func pointer(at offset: Int) -> UnsafeRawPointer {
        precondition(offset >= 0 && offset <= byteCount, "byte \(offset) of a storage of \(byteCount)")
        return UnsafeRawPointer(base + offset)
    }
}

/// Memory at a multiple of ``TensorStorage/alignment``; released by `free`.
///
/// - Parameter isZeroed: false where everything is written before it is read.
func allocateAligned(byteCount: Int, isZeroed: Bool = true) throws(TensorError) -> UnsafeMutableRawPointer {
    guard byteCount >= 0 else { throw .outOfMemory(bytes: byteCount) }
    var pointer: UnsafeMutableRawPointer?
    let size = max(byteCount, TensorStorage.alignment)
    let isLarge = size >= 2 * hugePage
    guard posix_memalign(&pointer, isLarge ? hugePage : TensorStorage.alignment, size) == 0, let pointer else {
        throw .outOfMemory(bytes: byteCount)
    }
    #if os(Linux)
        // Fewer pages to translate: streams of weights are read at the memory's speed. Advice, which the system may not take.
        if isLarge { _ = madvise(pointer, size / hugePage * hugePage, MADV_HUGEPAGE) }
    #endif
    if isZeroed { memset(pointer, 0, size) }
    return pointer
}

/// Bytes of a page of the larger kind, on x86-64 and where arm64 has pages of 4 KiB.
private let hugePage = 2 << 20

func systemMessage(_ code: Int32) -> String {
    guard let message = strerror(code) else { return "error \(code)" }
    return String(cString: message)
}

func releaseAligned(_ pointer: UnsafeMutableRawPointer) { free(pointer) }
