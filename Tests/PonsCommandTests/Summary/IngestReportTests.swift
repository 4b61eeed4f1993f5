import PonsCommand
import PonsKit
import Testing

@Suite struct IngestReportTests {
  private let summary: JSON = [
    "cases": [
      [
        "case": "c-1", "status": "done", "outputs": ["c-1/volume.nii.gz"],
        "about": [
          "modality": "MR", "orientation": "axial", "number": 3, "description": "t2_flair",
          "columns": 240, "rows": 256, "slices": 30, "spacing": [0.9375, 0.9375, 5],
          "tilt": 12.5, "echo_time": 90.25, "b_value": 1000, "volume": 2, "volumes_in_series": 4,
          "bits_stored": 12, "transfer_syntax": "JPEG 2000", "lossy": true, "files": 30,
          "contrast": true, "localizer": false,
          "notices": [["code": "TILTED", "text": "the stack is sheared"]],
        ],
      ],
      [
        "case": "c-2", "status": "quarantined", "code": "MISSING_SLICE",
        "reason": "1 slice missing",
        "hint": "ask for it again", "outputs": [],
        "about": ["modality": "CT", "columns": 512, "rows": 512, "files": 1, "notices": []],
      ],
    ],
    "stages": [["skipped": [["code": "TEXT_FILE", "text": "a text file", "count": 2]]]],
  ]

  @Test func `each volume has a paragraph, refusals first`() {
    let text = IngestReport(summary: summary).text(style: .plain, width: 80)
    #expect(
      text == """
        c-2  CT
          1 file of 512 x 512 pixels
          from 1 file
          refused MISSING_SLICE: 1 slice missing
          hint: ask for it again

        c-1  MR axial, series 3 "t2_flair", volume 2 of 4, with contrast agent
          240 x 256 x 30 voxels of 0.938 x 0.938 x 5 mm, sheared by 12.5 degrees
          TE 90.25 ms, b 1000 s/mm²
          12 bits, JPEG 2000 (lossy), from 30 files
          note: the stack is sheared
          done c-1/volume.nii.gz

        Passed over:
          2  a text file

        1 volume can be used, 1 volume refused.

        """)
  }

  @Test func `files that nobody kept are not named`() {
    let report = IngestReport(summary: summary, hasOutputs: false)
    #expect(!report.text(style: .plain, width: 80).contains("volume.nii.gz"))
    #expect(report.json["cases"]?.array?.count == 2)
    #expect(report.json["passed_over"]?.array?.first?["count"]?.integer == 2)
  }

  @Test func `a summary of nothing, or of something else, is a short report`() {
    #expect(IngestReport(summary: [:]).text(style: .plain, width: 80) == "No images.\n")
    let odd = IngestReport(summary: ["cases": [1, ["case": "x"]], "stages": ["y"]])
    #expect(odd.text(style: .plain, width: 20).contains("x"))
  }
}
