"""What each of AWS's error codes means: one table for the handler, the restore and the operator's command.

The codes are the wire codes of the operations that this library calls, as botocore's service models declare them, and
the common codes that AWS documents outside the models. A test compares the table with the models in both directions.

No code has two meanings among these services, so the table needs no column for the service. A code says nothing about
the thing behind it: ``InvalidClusterState`` passes while a cluster is resized, and never passes while it is paused. The
caller looks at the thing itself where that matters.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Meaning(StrEnum):
    """What an error means for its caller."""

    #: Too many calls at this time. AWS refused the call, and nothing happened. The same call works later.
    THROTTLED = "throttled"
    #: The service has a problem of its own, or the answer got lost. It passes by itself.
    TRANSIENT = "transient"
    #: No connection came about, so nothing was sent. A Region that does not exist looks the same. No code says this.
    UNREACHABLE = "unreachable"
    #: The thing is in a state that may pass.
    BUSY = "busy"
    #: The named thing does not exist, or the thing that the call would end is off already.
    MISSING = "missing"
    #: The name is taken, or the thing that the call would begin is on already.
    EXISTS = "exists"
    #: The caller lacks a right.
    DENIED = "denied"
    #: The credentials have expired, or AWS does not accept them.
    CREDENTIALS = "credentials"
    #: AWS has no hardware for it now.
    CAPACITY = "capacity"
    #: A quota of the account or a limit of the service is reached.
    QUOTA = "quota"
    #: A KMS key cannot be used.
    KEY = "key"
    #: The input is wrong, or the thing is in a state that only a person can change.
    INVALID = "invalid"
    #: AWS does not offer this, or not for this thing.
    UNSUPPORTED = "unsupported"
    #: The table does not know the code.
    UNKNOWN = "unknown"


#: The errors that pass by themselves, for whoever asks the Region it runs in. UNREACHABLE is one of them, because that
#: Region exists.
PASSING_AT_HOME: Final = frozenset({Meaning.THROTTLED, Meaning.TRANSIENT, Meaning.UNREACHABLE})


_BY_MEANING: Final[Mapping[Meaning, tuple[str, ...]]] = {
    Meaning.THROTTLED: (
        "ActiveSessionsExceededException",
        "ActiveStatementsExceededException",
        "ActiveWaitingRequestsExceededException",
        "BandwidthLimitExceeded",
        "DependentServiceRequestThrottlingFault",
        "EC2ThrottledException",
        "KMSThrottling",
        "KmsThrottlingException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    ),
    Meaning.TRANSIENT: (
        "BatchExecuteStatementException",  # "an environmental error", HTTP 500 (Data API, BatchExecuteStatement)
        "DependencyTimeoutException",
        "DependentServiceUnavailableFault",
        "EC2UnexpectedException",
        "EFSIOException",
        "EFSMountConnectivityException",
        "EFSMountTimeoutException",
        "ExecuteStatementException",  # "an environmental error", HTTP 500 (Redshift Data API, ExecuteStatement)
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "KMSInternalException",
        "PolicyEvaluation",  # HTTP 500 (IAM API, SimulatePrincipalPolicy)
        "RequestAbortedException",
        "RequestTimeout",
        "RequestTimeoutException",
        "S3FilesMountConnectivityException",
        "S3FilesMountTimeoutException",
        "ServiceException",
        "ServiceFailure",
        "ServiceUnavailable",
        "SnapStartTimeoutException",
        "Unavailable",
    ),
    Meaning.BUSY: (
        "CodeArtifactUserPendingException",
        "CopyToRegionDisabledFault",  # "temporarily disabled. Try your request again" (Redshift API)
        "ENINotReadyException",
        "InProgressTableRestoreQuotaExceededFault",  # another table is being restored: one at a time (Redshift API)
        "InvalidClusterSnapshotScheduleState",
        "InvalidClusterSnapshotState",
        "InvalidClusterState",
        "ResourceConflictException",
        "ResourceNotReadyException",
        "SnapStartNotReadyException",
        "SnapStartRegenerationFailureException",
        "SnapshotScheduleUpdateInProgress",
        "TooManyUpdates",
    ),
    Meaning.MISSING: (
        "BucketNotFoundFault",
        "ClusterNotFound",
        "ClusterParameterGroupNotFound",
        "ClusterSecurityGroupNotFound",
        "ClusterSnapshotNotFound",
        "ClusterSubnetGroupNotFoundFault",
        "ExecutionDoesNotExist",
        "HsmClientCertificateNotFoundFault",
        "HsmConfigurationNotFoundFault",
        "InvalidGroup.NotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchHealthCheck",
        "NoSuchHostedZone",
        "NoSuchKey",
        "NoSuchResourceException",
        "NotFound",
        "NotFoundException",
        "ParameterNotFound",
        "ParameterVersionNotFound",
        "RedshiftIdcApplicationNotExists",
        "ReservedNodeNotFound",
        "ReservedNodeOfferingNotFound",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ResourceNotFoundFault",
        "SnapshotCopyAlreadyDisabledFault",
        "SnapshotCopyDisabledFault",  # the words are CopyToRegionDisabledFault's; the name and the operation say: off
        "SnapshotCopyGrantNotFoundFault",
        "SnapshotScheduleNotFound",
        "StateMachineDeleting",
        "StateMachineDoesNotExist",
        "TableRestoreNotFoundFault",
    ),
    Meaning.EXISTS: (
        "ClusterAlreadyExists",
        "ClusterSnapshotAlreadyExists",
        "DurableExecutionAlreadyStartedException",
        "ExecutionAlreadyExists",
        "ParameterAlreadyExists",
        "ReservedNodeAlreadyExists",
        "ReservedNodeAlreadyMigrated",
        "SnapshotCopyAlreadyEnabledFault",
        "SnapshotCopyGrantAlreadyExistsFault",
        "SnapshotScheduleAlreadyExists",
    ),
    Meaning.DENIED: (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "DependentServiceAccessDenied",
        "EC2AccessDeniedException",
        "InsufficientS3BucketPolicyFault",
        "KMSAccessDenied",
        "KMSAccessDeniedException",
        "KMSOptInRequired",
        "KmsAccessDeniedException",  # "either your KMS key policy or API caller" lacks the right (Step Functions API)
        "NotAuthorized",
        "OperationNotPermittedException",
        "OptInRequired",
        "UnauthorizedOperation",
    ),
    Meaning.CREDENTIALS: (
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    ),
    Meaning.CAPACITY: ("InsufficientClusterCapacity",),
    Meaning.QUOTA: (
        "ClusterQuotaExceeded",
        "ClusterSnapshotQuotaExceeded",
        "ENILimitReachedException",
        "ExecutionLimitExceeded",
        "NumberOfNodesPerClusterLimitExceeded",
        "NumberOfNodesQuotaExceeded",
        "ParameterLimitExceeded",
        "ParameterMaxVersionLimitExceeded",
        "ServiceQuotaExceededException",
        "SnapshotCopyGrantQuotaExceededFault",
        "SnapshotScheduleQuotaExceeded",
        "SubnetIPAddressLimitReachedException",
        "TableLimitExceeded",
        "TagLimitExceededFault",
    ),
    Meaning.KEY: (
        "AccessToSnapshotDenied",  # the snapshot is our own account's, so what is missing is the use of its key
        "InvalidKeyId",
        "KMSDisabled",
        "KMSDisabledException",
        "KMSInvalidState",
        "KMSInvalidStateException",
        "KMSNotFound",
        "KMSNotFoundException",
        "KmsInvalidStateException",
        "LimitExceededFault",  # "the encryption key has exceeded its grant limit" (Redshift API)
    ),
    Meaning.INVALID: (
        "CodeArtifactUserDeletedException",
        "CodeArtifactUserFailedException",
        "CustomCnameAssociationFault",
        "EFSMountFailureException",
        "EncryptionTypeMismatch",
        "EndpointDisabled",
        "HierarchyLevelLimitExceededException",
        "HierarchyTypeMismatchException",
        "IllegalArgumentException",
        "IncompatiblePolicyException",
        "InvalidAllowedPatternException",
        "InvalidArn",
        "InvalidArnException",
        "InvalidChangeBatch",
        "InvalidClusterSecurityGroupState",
        "InvalidClusterSubnetGroupStateFault",
        "InvalidElasticIpFault",
        "InvalidEventCategoryException",
        "InvalidExecutionInput",
        "InvalidFilterKey",
        "InvalidFilterOption",
        "InvalidFilterValue",
        "InvalidGroupId.Malformed",
        "InvalidInput",
        "InvalidLookupAttributesException",
        "InvalidMaxResultsException",
        "InvalidName",
        "InvalidNextToken",
        "InvalidNextTokenException",
        "InvalidObjectState",
        "InvalidParameter",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "InvalidPolicyAttributeException",
        "InvalidPolicyTypeException",
        "InvalidRequest",
        "InvalidRequestContentException",
        "InvalidReservedNodeState",
        "InvalidRetentionPeriodFault",
        "InvalidRuntimeException",
        "InvalidS3BucketNameFault",
        "InvalidS3KeyPrefixFault",
        "InvalidSchedule",
        "InvalidSecurityGroupIDException",
        "InvalidSnapshotCopyGrantStateFault",  # a cluster copies with the grant, until somebody ends that copy
        "InvalidSubnet",
        "InvalidSubnetIDException",
        "InvalidTableRestoreArgument",
        "InvalidTagFault",
        "InvalidTimeRangeException",
        "InvalidToken",
        "InvalidVPCNetworkStateFault",
        "InvalidWriteOffset",
        "InvalidZipFileException",
        "Ipv6CidrBlockNotFoundFault",
        "MalformedHttpRequestException",
        "MissingParameter",
        "NoPublishedVersionException",
        "ParameterPatternMismatchException",
        "ParameterValueInvalid",
        "PlatformApplicationDisabled",
        "PoliciesLimitExceededException",
        "RecursiveInvocationException",
        "RequestEntityTooLargeException",
        "RequestTooLargeException",
        "S3FilesMountFailureException",
        "SerializedRequestEntityTooLargeException",
        "SnapStartException",
        "TooManyParts",
        "UnknownOperationException",
        "UnsupportedMediaTypeException",
        "ValidationError",
        "ValidationException",
    ),
    Meaning.UNSUPPORTED: (
        "IncompatibleOrderableOptions",
        "InvalidClusterTrack",
        "InvalidRestore",
        "ModeNotSupportedException",
        "ScheduleDefinitionTypeUnsupported",
        "StateMachineTypeNotSupported",
        "UnknownSnapshotCopyRegionFault",
        "UnsupportedOperation",
        "UnsupportedOperationException",
        "UnsupportedOptionFault",
        "UnsupportedParameterType",
    ),
}

#: The meaning of each code.
CODES: Final[Mapping[str, Meaning]] = MappingProxyType(
    {code: meaning for meaning, codes in _BY_MEANING.items() for code in codes}
)
