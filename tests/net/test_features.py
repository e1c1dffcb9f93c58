import pytest

from thalweg.base.errors import SettingError
from thalweg.net.features import FeatureMap


def test_feature_map_widths():
    assert FeatureMap(2).width(2) == 5
    assert FeatureMap(3, interactions=False).width(4) == 12
    assert FeatureMap(1).width(3) == 6
    with pytest.raises(SettingError, match="degree"):
        FeatureMap(0)
