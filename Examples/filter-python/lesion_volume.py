"""A filter: keeps the cases whose lesion has a volume within limits. Has the ports of s3f.filter."""

import numpy
from pons_plugin import BadInput, Input, Output, Parameter, Plugin

plugin = Plugin("lesion-volume", version="1.0")


@plugin.stage(
    "org.example.lesion-volume", "keeps masks whose lesion has a volume within limits",
    inputs=[
        Input("a", "mask", "the lesion", dtypes=["uint8"]),
        Input("b", "mask", "not looked at: it is there so that s3f.filter can be replaced", optional=True)],
    outputs=[Output("mask", "mask", "a, when it is kept")],
    parameters=[
        Parameter("minimum", "number", "the least volume", default=0.1, minimum=0, unit="ml"),
        Parameter("maximum", "number", "the greatest volume", default=500.0, minimum=0, unit="ml")])
class LesionVolume:
    def __init__(self, parameters, context):
        self.minimum, self.maximum = parameters["minimum"], parameters["maximum"]

    def process(self, context, a, b):
        if a.affine.shape != (4, 4):
            raise BadInput("the mask has no affine of [4, 4]", "NO_VOLUME", port="a")
        voxel = abs(numpy.linalg.det(a.affine[:3, :3])) / 1000
        if not numpy.isfinite(voxel) or voxel == 0:
            raise BadInput("the affine of the mask gives its voxels no volume", "NO_VOLUME", port="a")
        volume = float(numpy.count_nonzero(a.voxels) * voxel)
        if self.minimum <= volume <= self.maximum:
            context.keep(score=volume)
            context.forward(a, "mask")
        else:
            context.drop(score=volume, reason=f"the lesion has {volume:.3g} ml")


plugin.run()
