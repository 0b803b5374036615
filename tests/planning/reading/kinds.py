"""Templates of thirty kinds, as people have them: what is in each place, and what must be read or named.

Each kind is small and our own. Its shape is that of public templates: AWS's samples, quick starts, SAM, the Serverless
Framework, CDK and its libraries.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of input.

    Attributes:
        files: the text of each file, by its path below the folder that is read.
        clusters: each cluster that must be found: its name, its stack, and how many nodes it has.
        not_read: the beginning of the line about each part that must be named.
        place: what is read. Default: the whole folder.
        parameters: the values of parameters.
    """

    files: dict[str, str]
    clusters: tuple[tuple[str, str, int | None], ...] = ()
    not_read: tuple[str, ...] = ()
    place: str = ""
    parameters: tuple[tuple[str, str | None], ...] = ()


def _assembly(folder: str, stacks: dict[str, dict[str, Any]], **assets: dict[str, Any]) -> dict[str, str]:
    """A cloud assembly: the template of each stack, and templates among the assets of all stacks, by file."""
    artifacts: dict[str, Any] = {}
    files = {f"{folder}/{name.replace('__', '.')}": json.dumps(content) for name, content in assets.items()}
    manifest = {
        f"{number}a1b2": {"source": {"path": path.removeprefix(f"{folder}/")}} for number, path in enumerate(files)
    }
    for name, template in stacks.items():
        files[f"{folder}/{name}.template.json"] = json.dumps(template)
        files[f"{folder}/{name}.assets.json"] = json.dumps({"files": manifest})
        artifacts[f"{name}.assets"] = {"type": "cdk:asset-manifest", "properties": {"file": f"{name}.assets.json"}}
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/eu-west-1",
            "properties": {"templateFile": f"{name}.template.json", "stackName": name},
        }
    files[f"{folder}/manifest.json"] = json.dumps({"version": "55.0.0", "artifacts": artifacts})
    return files


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _cluster(name: Any = None, nodes: Any = 2) -> dict[str, Any]:
    properties = {"ClusterIdentifier": name, "NumberOfNodes": nodes, "NodeType": "ra3.large"}
    return _resource("AWS::Redshift::Cluster", **{key: value for key, value in properties.items() if value is not None})


def _template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


SALES = json.dumps(_template(Dw=_cluster("sales")))
SAMPLE = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  ClusterType: {Type: String, Default: single-node, AllowedValues: [single-node, multi-node]}
  NumberOfNodes: {Type: Number, Default: "1"}
Conditions:
  IsMultiNodeCluster: !Equals [!Ref ClusterType, multi-node]
Resources:
  RedshiftCluster:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterType: !Ref ClusterType
      NumberOfNodes: !If [IsMultiNodeCluster, !Ref NumberOfNodes, !Ref AWS::NoValue]
"""
TWINS = """
Parameters:
  Nodes: {Type: Number, Default: 1}
Conditions:
  Single: !Equals [!Ref Nodes, 1]
  Multi: !Not [!Condition Single]
Resources:
  SingleDw: {Type: AWS::Redshift::Cluster, Condition: Single, Properties: {ClusterType: single-node}}
  MultiDw: {Type: AWS::Redshift::Cluster, Condition: Multi, Properties: {NumberOfNodes: !Ref Nodes}}
"""
ENVIRONMENTS = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
Mappings:
  Sizes:
    dev: {Nodes: 2}
    prod: {Nodes: 6}
  Accounts:
    012345678901: {Name: own}
Resources:
  Dw:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterIdentifier: !Sub "${Env}-dw"
      NumberOfNodes: !FindInMap [Sizes, !Ref Env, Nodes]
"""
ANCHORS = """
x-common: &common {NodeType: ra3.large, NumberOfNodes: 3}
Resources:
  Sales: {Type: AWS::Redshift::Cluster, Properties: {<<: *common, ClusterIdentifier: sales}}
  Stock: {Type: AWS::Redshift::Cluster, Properties: {<<: *common, NumberOfNodes: 4, ClusterIdentifier: stock}}
"""
QUICK_START = """
Parameters:
  QSS3BucketName: {Type: String, Default: aws-quickstart}
  QSS3KeyPrefix: {Type: String, Default: quickstart-dw/}
  Nodes: {Type: Number, Default: 4}
Resources:
  RedshiftStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub "https://${QSS3BucketName}.s3.${AWS::URLSuffix}/${QSS3KeyPrefix}templates/redshift.template"
      Parameters: {NumberOfNodes: !Ref Nodes}
"""
NODES_GIVEN = """
Parameters:
  NumberOfNodes: {Type: Number}
Resources:
  Dw: {Type: AWS::Redshift::Cluster, Properties: {NumberOfNodes: !Ref NumberOfNodes}}
"""
TWICE = """
Resources:
  Sales: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./dw.yaml, Parameters: {NumberOfNodes: "2"}}}
  Stock: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./dw.yaml, Parameters: {NumberOfNodes: "3"}}}
"""
SAM = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 3}}
Resources:
  Loader: {Type: AWS::Serverless::Function, Properties: {CodeUri: Loader, Handler: app.handler, Runtime: python3.12}}
  Warehouse: {Type: AWS::Serverless::Application, Properties: {Location: Warehouse/template.yaml}}
"""
SAR = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Warehouse:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:1:applications/dw", SemanticVersion: 1.0.0}}
"""
SERVERLESS = """
service: loader
provider: {name: aws}
resources:
  Resources:
    Dw: {Type: AWS::Redshift::Cluster, Properties: {ClusterIdentifier: "${self:custom.name}"}}
"""
HELM = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "chart.fullname" . }}
Resources: {{ toYaml .Values.resources | nindent 4 }}
"""
HELM_ABOUT_AWS = HELM + 'data: {type: "AWS::Redshift::Cluster"}\n'
FOR_EACH = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Warehouses:
    - Name
    - [sales, stock]
    - Dw${Name}: {Type: AWS::Redshift::Cluster}
"""
STACK_SET = """
Resources:
  Everywhere:
    Type: AWS::CloudFormation::StackSet
    Properties:
      PermissionModel: SELF_MANAGED
      StackInstancesGroup:
        - {Regions: [eu-west-1, us-east-1], DeploymentTargets: {Accounts: ["111111111111"]}}
      Parameters: [{ParameterKey: NumberOfNodes, ParameterValue: "5"}]
      TemplateBody: |
        Parameters: {NumberOfNodes: {Type: Number}}
        Resources:
          Dw: {Type: AWS::Redshift::Cluster, Properties: {NumberOfNodes: !Ref NumberOfNodes}}
"""
STACK_SET_ELSEWHERE = """
Resources:
  Everywhere: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateURL: "https://example.com/dw.yaml"}}
"""
LATE_TYPES = """
Parameters:
  Name: {Type: "AWS::SSM::Parameter::Value<String>", Default: /dw/name}
Resources:
  Dw:
    Type: AWS::Redshift::Cluster
    Properties: {ClusterIdentifier: !Ref Name, NumberOfNodes: "{{resolve:ssm:/dw/nodes}}"}
"""
INCLUDE = """
Resources:
  Dw:
    Type: AWS::Redshift::Cluster
    Properties:
      NumberOfNodes: 2
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/dw.yaml}}
"""
FRAGMENT = """
Dw:
  Type: AWS::Redshift::Cluster
  Properties: {NumberOfNodes: 2}
"""
MODULE = """
Resources:
  Dw: {Type: Acme::Redshift::Warehouse::MODULE, Properties: {NumberOfNodes: 2}}
"""
RAIN = """
Resources:
  Dw: {Type: AWS::Redshift::Cluster, Properties: {NumberOfNodes: !Rain::Constant nodes}}
"""
NESTED_URL = {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/cdk-hnb659fds-assets-1-eu-west-1/0a1b2.json"}
PRODUCT = _resource(
    "AWS::ServiceCatalog::CloudFormationProduct",
    ProvisioningArtifactParameters=[{"Info": {"LoadTemplateFromURL": NESTED_URL}}],
)
PROVISIONED = _resource("AWS::ServiceCatalog::CloudFormationProvisionedProduct", ProductName="dw")
NESTED = _resource("AWS::CloudFormation::Stack", TemplateURL=NESTED_URL, Parameters={"Name": "sales", "Nodes": 3})
GIVEN_NAME = {
    "Parameters": {"Name": {"Type": "String"}, "Nodes": {"Type": "Number"}},
    "Resources": {"Dw": _cluster({"Ref": "Name"}, {"Ref": "Nodes"})},
}
STAGES = {
    **_assembly("cdk.out/assembly-Test", {"Test-Db": _template(Dw=_cluster("test"))}),
    **_assembly("cdk.out/assembly-Prod", {"Prod-Db": _template(Dw=_cluster("prod"))}),
    "cdk.out/manifest.json": json.dumps(
        {
            "version": "55.0.0",
            "artifacts": {
                name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}}
                for name in ("assembly-Test", "assembly-Prod")
            },
        }
    ),
}

KINDS: dict[str, Kind] = {
    "AWS's sample, with its defaults": Kind({"a.yaml": SAMPLE}, (("RedshiftCluster", "a.yaml", 1),)),
    "AWS's sample, with values": Kind(
        {"a.yaml": SAMPLE},
        (("RedshiftCluster", "a.yaml", 4),),
        parameters=(("ClusterType", "multi-node"), ("NumberOfNodes", "4")),
    ),
    "two variants of a cluster": Kind({"a.yaml": TWINS}, (("SingleDw", "a.yaml", 1),)),
    "the other variant": Kind({"a.yaml": TWINS}, (("MultiDw", "a.yaml", 2),), parameters=(("Nodes", "2"),)),
    "sizes by environment": Kind({"a.yaml": ENVIRONMENTS}, (("prod-dw", "a.yaml", 6),), parameters=(("Env", "prod"),)),
    "sizes by an environment that nobody gave": Kind({"a.yaml": ENVIRONMENTS}, (("Dw", "a.yaml", None),)),
    "YAML with anchors": Kind({"a.yaml": ANCHORS}, (("sales", "a.yaml", 3), ("stock", "a.yaml", 4))),
    "JSON named .template": Kind({"redshift.template": SALES}, (("sales", "redshift.template", 2),)),
    "several documents in a file": Kind(
        {"a.yaml": f"---\n{FRAGMENT.replace('Dw:', 'x:').replace('Redshift', 'RDS')}---\n{MODULE}---\n{RAIN}"},
        (("Dw", "a.yaml (document 2)", None),),
        (
            "stack a.yaml (document 1): Dw is the module Acme::Redshift::Warehouse::MODULE, and the registry holds its resources",
        ),
    ),
    "a quick start": Kind(
        {"templates/main.template": QUICK_START, "templates/redshift.template": NODES_GIVEN},
        (("Dw", "templates/main.template/RedshiftStack", 4),),
    ),
    "one template nested twice": Kind(
        {"main.yaml": TWICE, "dw.yaml": NODES_GIVEN}, (("Dw", "main.yaml/Sales", 2), ("Dw", "main.yaml/Stock", 3))
    ),
    "one file that names others": Kind(
        {"main.yaml": TWICE, "dw.yaml": NODES_GIVEN},
        (("Dw", "main.yaml/Sales", 2), ("Dw", "main.yaml/Stock", 3)),
        place="main.yaml",
    ),
    "nested by a URL": Kind(
        {"main.yaml": QUICK_START}, (), ("main.yaml: RedshiftStack is a nested stack, and its template lies elsewhere",)
    ),
    "the build of SAM": Kind(
        {".aws-sam/build/template.yaml": SAM, ".aws-sam/build/Warehouse/template.yaml": SALES},
        (("sales", "template.yaml/Warehouse", 2),),
        place=".aws-sam/build",
    ),
    "an application of the SAM repository": Kind(
        {"template.yaml": SAR}, (), ("template.yaml: Warehouse is a SAM application, and its template lies elsewhere",)
    ),
    "the build of the Serverless Framework": Kind(
        {
            ".serverless/cloudformation-template-update-stack.json": SALES,
            ".serverless/serverless-state.json": json.dumps({"service": {"provider": {}}}),
        },
        (("sales", "cloudformation-template-update-stack.json", 2),),
        place=".serverless",
    ),
    "the source of the Serverless Framework": Kind(
        {"serverless.yml": SERVERLESS},
        (),
        ("serverless.yml: serverless.yml has a resource of Redshift, and is no template",),
    ),
    "a repository with a chart, packages and an environment": Kind(
        {
            "infra/dw/template.json": SALES,
            "chart/templates/config.yaml": HELM,
            "node_modules/x/template.json": SALES,
            ".venv/template.json": SALES,
            "env/pyvenv.cfg": "",
            "env/template.json": SALES,
            "public/manifest.json": '{"manifest_version": 3, "name": "x"}',
            "data.json": "[1, 2",
        },
        (("sales", "infra/dw/template.json", 2),),
    ),
    "a broken file that speaks of AWS": Kind(
        {"a.json": SALES, "b.yaml": HELM_ABOUT_AWS},
        (("sales", "a.json", 2),),
        ("b.yaml: b.yaml is neither JSON nor YAML",),
    ),
    "a file cut off in the middle": Kind({"a.json": SALES[:-9]}, (), ("a.json: a.json is neither JSON nor YAML",)),
    "a loop": Kind({"a.yaml": FOR_EACH}, (), ("a.yaml: Fn::ForEach::Warehouses makes resources at deployment",)),
    "a stack set with its template": Kind(
        {"a.yaml": STACK_SET},
        (("Dw", "a.yaml/Everywhere in eu-west-1", 5), ("Dw", "a.yaml/Everywhere in us-east-1", 5)),
    ),
    "a stack set with a URL": Kind(
        {"a.yaml": STACK_SET_ELSEWHERE}, (), ("a.yaml: Everywhere is a stack set, and its template lies elsewhere",)
    ),
    "values of Parameter Store": Kind({"a.yaml": LATE_TYPES}, (("Dw", "a.yaml", None),)),
    "properties of an include": Kind(
        {"a.yaml": INCLUDE},
        (("Dw", "a.yaml", 2),),
        ("a.yaml: macro AWS::Include of s3://bucket/dw.yaml changes Dw at deployment",),
    ),
    "the fragment of an include": Kind(
        {"a.yaml": FRAGMENT}, (), ("a.yaml: a.yaml has a resource of Redshift, and is no template",)
    ),
    "CDK with Stages": Kind(STAGES, (("test", "Test-Db", 2), ("prod", "Prod-Db", 2)), place="cdk.out"),
    "an assembly in a repository": Kind(
        {**_assembly("app/cdk.out", {"Db": _template(Dw=_cluster("sales"))}), "app/cdk.json": "{}"},
        (("sales", "Db", 2),),
    ),
    "a broken assembly in a repository": Kind(
        {"cdk.out/manifest.json": "{", "a.json": SALES},
        (("sales", "a.json", 2),),
        ("cdk.out: '{place}/cdk.out' is not a cloud assembly (run `cdk synth` first): manifest.json is not JSON",),
    ),
    "CDK's nested stack, with values": Kind(
        _assembly("cdk.out", {"Db": _template(Inner=NESTED)}, DbInner__nested__template__json=GIVEN_NAME),
        (("sales", "Db/DbInner", 3),),
        place="cdk.out",
    ),
    "CDK's product": Kind(
        _assembly(
            "cdk.out", {"Db": _template(Inner=PRODUCT)}, DbInner__product__template__json=_template(Dw=_cluster())
        ),
        (("Dw", "Db/DbInner", 2),),
        place="cdk.out",
    ),
    "a provisioned product": Kind(
        _assembly("cdk.out", {"Db": _template(Inner=PROVISIONED)}),
        (),
        ("stack Db: Inner is a provisioned product of Service Catalog, and its template lies elsewhere",),
        place="cdk.out",
    ),
    "CfnInclude of a sample": Kind(
        _assembly(
            "cdk.out",
            {
                "Db": {
                    "Parameters": {"Nodes": {"Type": "Number", "Default": 2}, "BootstrapVersion": {"Type": "String"}},
                    "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
                    "Resources": {"Dw": _cluster(None, {"Ref": "Nodes"})},
                }
            },
        ),
        (("Dw", "Db", 2),),
        place="cdk.out",
    ),
}
