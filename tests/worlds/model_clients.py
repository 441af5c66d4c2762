"""The three models as the clients of one account, for the contract suites."""

import time

from tests.worlds.dynamo_model import DynamoModel
from tests.worlds.s3_model import S3Model
from tests.worlds.sqs_model import SqsModel


class ModelClients:
    """Stands for AwsClients."""

    def __init__(self) -> None:
        self._dynamodb = DynamoModel(time.monotonic)
        self._sqs = SqsModel(time.monotonic)
        self._s3 = S3Model()

    def dynamodb(self) -> DynamoModel:
        return self._dynamodb

    def sqs(self) -> SqsModel:
        return self._sqs

    def s3(self) -> S3Model:
        return self._s3

    def close(self) -> None:
        """Nothing is held open."""
