"""Pictures to vectors and classes, and self-supervision where labels are few.

======================================  ==========================================  ====================
what                                    paper                                       module
======================================  ==========================================  ====================
residual networks                       He, Zhang, Ren, Sun 2016, CVPR              network_building
telling turns apart (RotNet)            Gidaris, Singh, Komodakis 2018, ICLR        rotation_pretraining
vectors of pictures                                                                 picture_encoder
classes of pictures                                                                 classifier
contrastive and masked pretraining      missing
vision transformers, convnexts          missing
vectors kept in a cache                 missing
======================================  ==========================================  ====================
"""

from causalrec.embedding.pictures.augmentation import Augmentation
from causalrec.embedding.pictures.classifier import PictureClassifier
from causalrec.embedding.pictures.network import PictureNetwork, ResNetShape
from causalrec.embedding.pictures.picture_encoder import PictureEncoder
from causalrec.embedding.pictures.rotation_pretraining import RotationPretraining
from causalrec.embedding.pictures.rotations import RotationScores

__all__ = [
    "Augmentation", "PictureClassifier", "PictureEncoder", "PictureNetwork", "ResNetShape", "RotationPretraining",
    "RotationScores",
]  # fmt: skip
