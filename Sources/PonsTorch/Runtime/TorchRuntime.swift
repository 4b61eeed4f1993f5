internal import CTorch

/// The LibTorch that is loaded in this process.
public enum TorchRuntime {
  /// Its version, as it says itself: `1.13.0`.
  public static var version: String { String(cString: pons_torch_version()) }

  /// How it was built, as it says itself; many lines.
  public static var configuration: String { String(cString: pons_torch_configuration()) }

  /// The instruction set that its own kernels use: `AVX2`.
  public static var instructionSet: String { String(cString: pons_torch_instruction_set()) }

  /// The BLAS that multiplies matrices.
  public static var blas: BLAS {
    BLAS(
      file: String(cString: pons_torch_blas_file()),
      openBLAS: String(cString: pons_torch_openblas()),
      isMKL: configuration.contains("BLAS_INFO=mkl"))
  }

  /// How many CUDA devices can be used; 0 with a LibTorch for the CPU only.
  public static var cudaDevices: Int { Int(pons_torch_cuda_devices()) }

  /// Threads that a call from this thread may keep busy.
  public static var threads: Int { Int(pons_torch_threads()) }

  /// How many threads the loops of this library's own kernels run on, by a trial: as many as ``threads`` unless libtorch came without OpenMP.
  public static var loopThreads: Int { Int(pons_torch_loop_threads()) }

  /// Sets the threads that calls from this thread may keep busy, in libtorch and in OpenBLAS. Every thread says this for
  /// itself before it computes; OpenBLAS knows one number for the process.
  public static func setThreads(_ count: Int) {
    pons_torch_set_threads(Int32(clamping: max(1, count)))
  }

  /// A name that changes when results may change: version, BLAS and instruction set.
  public static var identity: String {
    "LibTorch \(version), \(blas.name), \(instructionSet)"
  }
}

/// The library that answers calls of BLAS.
public struct BLAS: Sendable, Hashable {
  /// The file that was loaded, links followed; empty when it is inside LibTorch.
  public let file: String
  /// What OpenBLAS says of itself; empty for another library.
  public let openBLAS: String
  /// Whether LibTorch brings Intel's.
  public let isMKL: Bool

  /// Name with version and kernel where it says them: `OpenBLAS 0.3.21 ... SkylakeX MAX_THREADS=64`.
  public var name: String {
    if !openBLAS.isEmpty { return openBLAS }
    if isMKL { return "MKL" }
    if isReference { return "reference BLAS" }
    return file.split(separator: "/").last.map(String.init) ?? "BLAS inside LibTorch"
  }

  /// Whether it is the reference implementation, which is some twenty times slower.
  public var isReference: Bool {
    !isMKL && openBLAS.isEmpty && file.contains("/blas/libblas")
  }
}
