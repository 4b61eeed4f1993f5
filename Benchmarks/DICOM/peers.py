"""One conversion of a DICOM folder by a peer: python peers.py simpleitk|pydicom FOLDER FILE."""

import os
import sys

peer, folder, target = sys.argv[1:4]
if peer == "simpleitk":
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    names = reader.GetGDCMSeriesFileNames(folder, reader.GetGDCMSeriesIDs(folder)[0])
    if len(names) == 1:
        image = SimpleITK.ReadImage(names[0])
    else:
        reader.SetFileNames(names)
        image = reader.Execute()
    SimpleITK.WriteImage(image, target, useCompression=target.endswith(".gz"))
else:
    import nibabel
    import numpy as np
    import pydicom

    files = [pydicom.dcmread(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    if len(files) == 1:
        voxels = files[0].pixel_array
    else:
        files.sort(key=lambda d: float(d.ImagePositionPatient[2]))
        voxels = np.stack([d.pixel_array for d in files])
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    nibabel.save(nibabel.Nifti1Image(voxels.astype(np.int16).transpose(2, 1, 0), affine), target)
