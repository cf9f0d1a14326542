"""Pictures in a bucket of S3 or a compatible service (MinIO, Ceph, R2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config import Settings
from services.library.storage.contract import ObjectMissing, StorageUnavailable, checked, is_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=20,
    # Ceph and older MinIO refuse the checksums that boto3 adds by itself.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Storage:
    """Each key is an object below `prefix` in `bucket`. S3 puts are atomic."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client") -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self._client = client

    @classmethod
    def from_settings(cls, settings: Settings) -> "S3Storage":
        """The bucket and prefix of `storage_url` (s3://bucket/prefix), with the S3 settings or else boto3's own."""
        url = urlsplit(settings.storage_url)
        secret = settings.s3_secret_access_key
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=_CONFIG,
        )
        return cls(url.netloc, url.path, client)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        name = self._name(key)
        with _explained():
            self._client.put_object(Bucket=self.bucket, Key=name, Body=data, ContentType=content_type)

    def get(self, key: str) -> bytes:
        name = self._name(key)
        with _explained():
            return self._client.get_object(Bucket=self.bucket, Key=name)["Body"].read()

    def delete(self, key: str) -> None:
        name = self._name(key)
        with _explained():
            self._client.delete_object(Bucket=self.bucket, Key=name)

    def exists(self, key: str) -> bool:
        name = self._name(key)
        try:
            with _explained():
                self._client.head_object(Bucket=self.bucket, Key=name)
        except ObjectMissing:
            return False
        return True

    def keys(self, before: datetime) -> Iterator[str]:
        start = f"{self.prefix}/" if self.prefix else ""
        with _explained():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(start)
                    if found["LastModified"] < before and is_key(key):
                        yield key

    def remove_unfinished(self, before: datetime) -> None:
        """Nothing to do: an interrupted put leaves nothing behind."""

    def check(self) -> None:
        with _explained():
            self._client.head_bucket(Bucket=self.bucket)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{checked(key)}" if self.prefix else checked(key)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404", "NotFound"} and (
            error.operation_name != "HeadBucket"
        ):
            raise ObjectMissing from error
        raise StorageUnavailable from error
    except (BotoCoreError, OSError) as error:
        raise StorageUnavailable from error
