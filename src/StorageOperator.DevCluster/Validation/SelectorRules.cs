using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>Label selectors and node selectors. Source: apimachinery meta/v1/validation, pkg/apis/core/validation.</summary>
internal static class SelectorRules
{
    /// <summary>A <c>LabelSelector</c>.</summary>
    /// <param name="selector">The selector, or null.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="checkValues">False when the stored object already has a malformed value, which then stays allowed.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void LabelSelector(JsonObject? selector, string path, bool checkValues, FieldErrors errors)
    {
        ObjectMetaRules.Labels(selector, "matchLabels", $"{path}.matchLabels", errors);
        foreach (var (index, requirement) in selector.Objects("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{index}]";
            Operator(requirement, at, ordered: false, errors);
            Key(requirement, at, errors);
            if (checkValues)
            {
                Values(requirement, at, errors);
            }
        }
    }

    public static bool HasLabelSelectorErrors(JsonObject? selector)
    {
        var errors = new FieldErrors();
        LabelSelector(selector, "", checkValues: true, errors);
        return errors.Count > 0;
    }

    /// <summary>A <c>NodeSelector</c>: terms of label expressions and of the field metadata.name.</summary>
    public static void NodeSelector(JsonObject selector, string path, FieldErrors errors)
    {
        var terms = $"{path}.nodeSelectorTerms";
        if (selector.Array("nodeSelectorTerms") is not { Count: > 0 })
        {
            errors.Required(terms, "must have at least one node selector term");
            return;
        }

        foreach (var (index, term) in selector.Objects("nodeSelectorTerms"))
        {
            foreach (var (i, requirement) in term.Objects("matchExpressions"))
            {
                var at = $"{terms}[{index}].matchExpressions[{i}]";
                Operator(requirement, at, ordered: true, errors);
                Key(requirement, at, errors);
                Values(requirement, at, errors);
            }

            foreach (var (i, requirement) in term.Objects("matchFields"))
            {
                MatchField(requirement, $"{terms}[{index}].matchFields[{i}]", errors);
            }
        }
    }

    private static void Operator(JsonObject requirement, string at, bool ordered, FieldErrors errors)
    {
        var count = requirement.Array("values")?.Count ?? 0;
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn":
                if (count == 0)
                {
                    errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (count > 0)
                {
                    errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            case "Gt" or "Lt" when ordered:
                if (count != 1)
                {
                    errors.Required($"{at}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }

                break;
            default:
                errors.Invalid($"{at}.operator", requirement["operator"] ?? "", "not a valid selector operator");
                break;
        }
    }

    private static void Key(JsonObject requirement, string at, FieldErrors errors)
    {
        var key = requirement.Text("key") ?? "";
        errors.Invalid($"{at}.key", key, ObjectNames.QualifiedName(key));
    }

    private static void Values(JsonObject requirement, string at, FieldErrors errors)
    {
        var values = requirement.Texts("values");
        for (var i = 0; i < values.Count; i++)
        {
            errors.Invalid($"{at}.values[{i}]", values[i], ObjectNames.LabelValue(values[i]));
        }
    }

    private static void MatchField(JsonObject requirement, string at, FieldErrors errors)
    {
        var values = requirement.Texts("values");
        if (requirement.Text("operator") is not ("In" or "NotIn"))
        {
            errors.Invalid($"{at}.operator", requirement["operator"] ?? "", "not a valid selector operator");
        }
        else if (values.Count != 1)
        {
            errors.Required($"{at}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }

        if (requirement.Text("key") != "metadata.name")
        {
            errors.Invalid($"{at}.key", requirement["key"] ?? "", "not a valid field selector key");
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            errors.Invalid($"{at}.values[{i}]", values[i], ObjectNames.Subdomain(values[i]));
        }
    }
}
