"""What becomes of the template that Chalice makes."""

from typing import Any

import pytest

from infra.package import UNKNOWN_STREAM, Broken, complete


def function(*events: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {"Handler": "app.f", "CodeUri": "./deployment.zip", "Tags": {"aws-chalice": "x"}}
    if events:
        properties["Events"] = {f"Event{number}": event for number, event in enumerate(events)}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def queue(topic: str) -> dict[str, Any]:
    return {"Type": "SQS", "Properties": {"Queue": {"Fn::Sub": topic}}}


def template(**resources: Any) -> dict[str, Any]:
    outputs = {"EndpointURL": {"Value": "x"}, "Address": {"Value": "y"}}
    rest = {
        "RestAPI": {"Type": "AWS::Serverless::Api"},
        "APIHandlerInvokePermission": {"Type": "AWS::Lambda::Permission"},
    }
    return {"Outputs": outputs, "Resources": {**rest, "APIHandler": function(), **resources}}


def test_the_rest_api_goes_and_functions_take_the_code_the_parameters_name() -> None:
    made = complete(template(OnIndex=function(queue("…:${QueuePrefix}index"))))
    assert sorted(made["Resources"]) == ["APIHandler", "OnIndex"]
    assert sorted(made["Outputs"]) == ["Address"]
    assert "CodeUri" not in made["Resources"]["OnIndex"]["Properties"]


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({"OnGone": {"Properties": {"Events": {}}}}, "completes OnGone, which the app does not declare"),
        ({"OnIndex": function(queue("…:index"))}, "does not say what calls OnIndex"),
        ({"OnChange": function({"Type": "DynamoDB", "Properties": {"Stream": UNKNOWN_STREAM}})}, "calls OnChange"),
        ({"OnIndex": function()}, "OnIndex is called by 0 sources"),
        ({"OnIndex": function(queue("${QueuePrefix}a"), queue("${QueuePrefix}b"))}, "OnIndex is called by 2 sources"),
    ],
)
def test_app_and_merge_template_that_do_not_fit_make_no_package(resources: dict[str, Any], told: str) -> None:
    with pytest.raises(Broken, match=told):
        complete(template(**resources))
