public import PonsKit

extension TorchRuntime {
  /// LibTorch and the BLAS, as a plugin tells the host that its results depend on them:
  /// `Plugin(..., libraries: { TorchRuntime.librariesInUse })`.
  public static var librariesInUse: [LibraryInUse] {
    let blas = self.blas
    return [
      LibraryInUse("LibTorch", version: version, detail: instructionSet),
      LibraryInUse(
        "BLAS", version: blas.name,
        warning: blas.isReference
          ? "this is the slow reference BLAS; install OpenBLAS: apt-get install libopenblas0-pthread"
          : ""),
    ]
  }
}
