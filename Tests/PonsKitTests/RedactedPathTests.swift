import PonsKit
import Testing

@Suite struct RedactedPathTests {
  @Test(arguments: [
    ("t2_flair_003.nii.gz", "t2_flair_003.nii.gz"),
    ("sub-01/ses-02/sub-01_T1w.nii.gz", "sub-01/ses-02/sub-01_T1w.nii.gz"),
    ("DOE_JANE_19601231/t2_flair.nii.gz", "…/t2_flair.nii.gz"),
    ("doe^jane.nii", "….nii"),
    ("jane_doe_flair.nii", "…_flair.nii"),
    ("1.2.840.113619.2.55.3.604688119/IM0001", "…/IM0001"),
    ("DOE/IM0021.dcm", "…/IM0021.dcm"),
    ("00000123/00012345.dcm", "00000123/….dcm"),
    ("/home/somebody/Desktop/truncated.nii", "truncated.nii"),
    ("Müller Jürgen/scan 1.nii", "…/scan 1.nii"),
    ("PAT12345.nii.gz", "….nii.gz"),
    ("BraTS20_Training_001_flair.nii.gz", "…_001_flair.nii.gz"),
    ("", ""),
  ]) func `shows words of the trade and hides the rest`(path: String, shown: String) {
    #expect(RedactedPath.describe(path) == shown)
  }

  @Test func `never shows a long number or a word that it does not know`() {
    for path in ["20240131", "a1b2c3d4", "x-4711-y", "smith,john", "Smith", "4711.nii", "o'neil"] {
      let shown = RedactedPath.describe(path)
      for word in path.split(whereSeparator: { "-.,'".contains($0) }) where word.count > 3 {
        #expect(!shown.contains(word))
      }
    }
  }
}
