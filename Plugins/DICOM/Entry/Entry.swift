internal import DICOM
internal import PonsKit

private let plugin = Plugin("dicom", version: dicomVersion, stages: dicomStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
